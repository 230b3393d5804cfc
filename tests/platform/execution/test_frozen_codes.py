"""Codes are computed once, mapped, shared, clean, and nothing below them is looked at again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from without_ray import TWO_LAYERS, finish, schedule, train

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.frozen_codes import codes, make_codes, sources, stage_inputs
from layerwise.platform.execution.trained import estimator
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.store import Store
from layerwise.platform.study import Study

PAGE = os.sysconf("SC_PAGE_SIZE")
CPU = torch.device("cpu")
ONE_PARENT: dict[str, Any] = {
    "study": "one-parent",
    "data": "digits",
    "stages": [
        {"name": "first", "model": "autoencoder", "hidden": 96, "epochs": 1},
        {
            "name": "second",
            "model": "autoencoder",
            "hidden": 4,
            "corruption": {"kind": "gaussian", "level": 0.3},
            "learning_rate": {"grid": [0.001 * n for n in range(1, 9)]},
            "epochs": 2,
        },
    ],
}
# Everything is masked before the second layer sees it.
MASKED: dict[str, Any] = {
    "study": "masked",
    "data": "digits",
    "stages": [
        {"name": "first", "model": "autoencoder", "hidden": 12, "epochs": 2},
        {
            "name": "second",
            "model": "denoising_autoencoder",
            "hidden": 6,
            "corruption": {"kind": "masking", "level": {"grid": [0.0, 1.0]}},
            "epochs": 2,
        },
        {"name": "third", "model": "autoencoder", "hidden": 3, "epochs": 1},
    ],
}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


def children(study: dict[str, Any], store: Store, data: DataSet) -> Cohort:
    """The first cohort of the second stage; the first stage is trained into the store."""
    tree = schedule(Study(**study), data)
    while (cohort := tree.next()) is not None and cohort.stage == "first":
        finish(cohort, data, store)
        tree.finish(cohort, {t.key: last_metrics(store.manifest(t.key)) for t in cohort.trials})
    assert cohort is not None
    return cohort


def mapping(path: Path, address: int) -> dict[str, int]:
    """What the kernel says, in KiB, of this process's mapping of a file that holds an address."""
    found: dict[str, int] = {}
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        head = line.split()[0]
        if "-" in head:
            low, high = (int(end, 16) for end in head.split("-"))
            inside = low <= address < high and line.endswith(str(path))
        elif inside and line.endswith("kB"):
            found[head.removesuffix(":")] = int(line.split()[1])
    return found


def test_trials_under_one_parent_share_one_tensor_which_is_the_file(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    cohort = children(ONE_PARENT, store, data)
    [parent] = cohort.parents
    assert len(cohort.trials) == 8
    run = CohortRun(cohort, data, store)
    samples = run._inputs["train"]
    assert samples.x_PNV.shape == (1, len(data.train), 96)
    assert samples.shared
    path = store.root / "codes" / parent[:2] / parent / "train.npy"
    before = mapping(path, samples.x_PNV.data_ptr())
    assert before["Size"] * 1024 >= samples.x_PNV.nbytes
    while not run.advance(60):
        pass
    # Eight trials were corrupted and trained on it, and not one page of it became their own.
    after = mapping(path, samples.x_PNV.data_ptr())
    assert after["Private_Dirty"] == after["Anonymous"] == 0
    assert run._inputs["train"].x_PNV is samples.x_PNV


def test_another_cohort_maps_the_same_file(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    cohort = children(ONE_PARENT, store, data)
    [parent] = cohort.parents
    codes(parent, data, store)
    file = os.stat(store.root / "codes" / parent[:2] / parent / "train.npy")
    for half in (cohort.trials[:4], cohort.trials[4:]):
        run = CohortRun(Cohort(half), data, store)
        tensor = run._inputs["train"].x_PNV
        held = store.codes(parent)
        assert held is not None
        np.testing.assert_array_equal(tensor[0].numpy(), held["train"])
        address = tensor.data_ptr()
        inodes = {
            int(line.split()[4])
            for line in Path("/proc/self/maps").read_text().splitlines()
            if int(line.split("-")[0], 16) <= address < int(line.split("-")[1].split()[0], 16)
        }
        assert inodes == {file.st_ino}


def test_several_parents_take_a_row_each_however_many_trials_read_it(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    cohort = children(TWO_LAYERS, store, data)
    assert len(cohort.trials) == 8
    samples = CohortRun(cohort, data, store)._inputs["validation"]
    assert len(samples.x_PNV) == len(cohort.parents) == 4
    for trial, row in zip(cohort.trials, samples.source, strict=True):
        [parent] = trial.parents
        expected = codes(parent, data, store)["validation"]
        np.testing.assert_array_equal(samples.x_PNV[row].numpy(), expected)


def test_a_write_to_a_tensor_reaches_nobody(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    [parent] = children(ONE_PARENT, store, data).parents
    tensor = sources([(parent,)], data, store, torch.float32, CPU)["test"]
    expected = codes(parent, data, store)["test"].copy()
    tensor[:] = 7
    np.testing.assert_array_equal(codes(parent, data, store)["test"], expected)
    found = Store(store.root).codes(parent)
    assert found is not None
    np.testing.assert_array_equal(found["test"], expected)


def test_nothing_below_is_computed_again(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    cohort = children(TWO_LAYERS, store, data)
    make_codes(cohort.parents, data, store)
    for key in cohort.parents:
        # Without its weights a parent could not be asked for anything.
        shutil.rmtree(store.root / key[:2] / key)
    finish(cohort, data, store)
    assert store.keys() == {trial.key for trial in cohort.trials}


def test_corruption_of_a_deeper_layer_is_of_the_code_and_stops_there(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    outcome = train(Study(**MASKED), store, data)
    clean, masked = (t for t in outcome.plan.trials() if t.stage == "second")
    assert (clean.swept["corruption.level"], masked.swept["corruption.level"]) == (0.0, 1.0)
    [first] = masked.parents
    code = codes(first, data, store)
    # Where the whole code is masked x̃ = 0, and dW = x̃ᵀδ with it: the encoder learns nothing.
    fresh = CohortRun(Cohort((clean, masked)), data, store)
    before = fresh._network.parameters["weight"].numpy()
    assert not np.array_equal(store.read(clean.key).weights["weight"], before[0])
    np.testing.assert_array_equal(store.read(masked.key).weights["weight"], before[1])
    # It is measured on the clean code,
    history = outcome.manifests[masked.key]["history"]["validation/reconstruction_error"]
    network = estimator(masked.key, store)
    x = code["validation"]
    error = np.square(network.reconstruct(x) - x).sum(1).mean()
    assert history[-1][1] == pytest.approx(error, rel=1e-5)
    # and hands on the codes of the clean code.
    for trial in (t for t in outcome.plan.trials() if t.stage == "third"):
        [parent] = trial.parents
        for split, read in stage_inputs(trial.inputs, data, store).items():
            expected = estimator(parent, store).encode(code[split])
            np.testing.assert_array_equal(read, expected)
            assert np.ptp(read, axis=0).min() > 0


def test_processes_that_start_at_once_compute_each_code_once(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    study = {**TWO_LAYERS, "seeds": [0, 1, 2, 3, 4, 5]}
    keys = children(study, store, data).parents
    assert len(keys) == 12
    script = Path(__file__).with_name("starting_children.py")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for _ in range(2):
        shutil.rmtree(store.root / "codes", ignore_errors=True)
        ended = subprocess.run(
            [sys.executable, str(script), str(store.root), *keys],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)
        computed = Counter(key for process in found for key in process["computed"])
        assert computed == dict.fromkeys((key[:12] for key in keys), 1)
        assert {tuple(process["shape"]) for process in found} == {(12, len(data.train), 12)}
