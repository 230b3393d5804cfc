"""Cohorts that lose trials on the way: the program shrinks, and what stays does not notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from without_ray import finish, schedule

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import entry_key, last_metrics
from layerwise.platform.execution.frozen_codes import codes, stage_inputs
from layerwise.platform.execution.trained import estimator
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ERROR = "validation/reconstruction_error"
HALVING = {"halving": {"by": ERROR, "direction": "minimize", "from": 1, "factor": 3}}
PLATEAU = {"by": ERROR, "direction": "minimize", "patience": 2, "tolerance": 0.05}
STAGE: dict[str, Any] = {
    "name": "codes",
    "model": "denoising_autoencoder",
    "hidden": 6,
    "corruption": {"level": {"grid": [0.0, 0.2, 0.4]}},
    "learning_rate": {"grid": [0.0003, 0.003, 0.02]},
    "epochs": 5,
}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(study="s", data="digits", stages=[STAGE]).data)


def cohort(data: DataSet, stop: Mapping[str, Any], **changed: Any) -> Cohort:
    """Nine settings with two seeds each, in double precision, ended by these rules."""
    stages = [STAGE | changed]
    study = Study(study="s", data="digits", seeds=[0, 1], stages=stages, dtype="float64")
    found = schedule(study, data).next()
    assert found is not None
    return Cohort(tuple(replace(trial, stop=stop) for trial in found.trials))


def assert_same(left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> None:
    """The same network but for rounding."""
    assert left.keys() == right.keys()
    for name, array in left.items():
        np.testing.assert_allclose(array, right[name], rtol=1e-10, atol=1e-10, err_msg=name)


def test_losers_leave_the_tensor_program_and_the_rest_trains_as_if_alone(
    data: DataSet, tmp_path: Path
) -> None:
    store, whole = Store(tmp_path / "halved"), Store(tmp_path / "whole")
    halved = cohort(data, HALVING)
    run = CohortRun(halved, data, store)
    sizes = {}
    while not run.advance(0.001):
        sizes[run.epoch] = (run._network.trials, len(run._network.parameters["weight"]))
    # Nine settings after one epoch, three of them until the third, and one to the end.
    expected = {0: 18, 1: 6, 2: 6, 3: 2, 4: 2, 5: 2}
    assert sizes == {epoch: (trials, trials) for epoch, trials in expected.items()}
    finish(cohort(data, {}), data, whole)

    places = {trial: entry_key(trial, store) for trial in halved.trials}
    stopped = [trial for trial, key in places.items() if key == trial.stopped_key]
    finished = [trial for trial, key in places.items() if key == trial.key]
    assert (len(stopped), len(finished)) == (16, 2)
    assert len({trial.setting for trial in finished}) == 1
    for trial in finished:
        assert_same(store.read(trial.key).weights, whole.read(trial.key).weights)
        mine, other = store.manifest(trial.key), whole.manifest(trial.key)
        assert mine["stopped_at"] is mine["stopped_by"] is mine["plateau_at"] is None
        assert mine["history"].keys() == other["history"].keys()
        for name, points in mine["history"].items():
            np.testing.assert_allclose(points, other["history"][name], rtol=1e-9, err_msg=name)


def test_what_has_lost_is_kept_as_it_was_when_it_stopped(data: DataSet, tmp_path: Path) -> None:
    store, short = Store(tmp_path / "halved"), Store(tmp_path / "short")
    halved = cohort(data, HALVING)
    finish(halved, data, store)
    after_one = finish(cohort(data, {}, epochs=1), data, short).cohort
    shorter = {(str(dict(trial.swept)), trial.seed): trial for trial in after_one.trials}
    early = 0
    for trial in halved.trials:
        if trial.key in store:
            continue
        entry = store.read(trial.stopped_key)
        at = entry.manifest["stopped_at"]
        assert entry.manifest["stopped_by"] == "halving"
        assert at in (1, 3)
        metrics = last_metrics(entry.manifest)
        assert metrics["stopped_at"] == at
        history = entry.manifest["history"]
        assert [step for step, _ in history[ERROR]] == list(range(at + 1))
        assert [step for step, _ in history["test/reconstruction_error"]] == [0, at]
        assert "test/probe_accuracy" not in history
        if at == 1:
            early += 1
            other = short.read(shorter[str(dict(trial.swept)), trial.seed].key)
            assert_same(entry.weights, other.weights)
            np.testing.assert_allclose(
                metrics["test/reconstruction_error"],
                last_metrics(other.manifest)["test/reconstruction_error"],
                rtol=1e-9,
            )
    assert early == 12


def test_a_cohort_that_was_stored_shrunk_has_shares_of_its_time(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    halved = cohort(data, HALVING)
    finish(halved, data, store)
    manifests = [store.manifest(str(entry_key(t, store))) for t in halved.trials]
    assert sum(m["share"] for m in manifests) == pytest.approx(1)
    for manifest in manifests:
        trained = 5 if manifest["stopped_at"] is None else manifest["stopped_at"]
        assert manifest["share"] == pytest.approx(trained / (12 * 1 + 4 * 3 + 2 * 5))
        assert manifest["started"] < manifest["left"] <= manifest["ended"]


def test_a_plateau_finishes_a_trial_sooner_whatever_it_is_trained_beside(
    data: DataSet, tmp_path: Path
) -> None:
    store, apart = Store(tmp_path / "fused"), Store(tmp_path / "alone")
    fused = cohort(data, {"plateau": PLATEAU}, epochs=12)
    run = finish(fused, data, store)
    reached = {trial.key: store.manifest(trial.key)["plateau_at"] for trial in fused.trials}
    sooner = {at for at in reached.values() if at is not None}
    assert len(sooner) > 1, "trials of several lengths"
    assert run.epoch <= 12
    for trial in fused.trials[::5]:
        finish(Cohort((trial,)), data, apart)
    for trial in fused.trials:
        entry = store.read(trial.key)
        manifest, at = entry.manifest, reached[trial.key]
        assert manifest["stopped_at"] is None
        last = 12 if at is None else at
        metrics = last_metrics(manifest)
        assert "stopped_at" not in metrics
        for name in (ERROR, "test/probe_accuracy", "test/reconstruction_error"):
            assert manifest["history"][name][-1][0] == last
        # Nothing is left of it but its end: what is stored gives what was measured.
        network, x = estimator(trial.key, store), stage_inputs((), data, store)["test"]
        error = np.square(network.reconstruct(x) - x).sum(1).mean()
        assert metrics["test/reconstruction_error"] == pytest.approx(error, rel=1e-9)
        assert codes(trial.key, data, store)["test"].shape == (len(data.test), 6)
        if trial.key in apart:
            alone = apart.read(trial.key)
            assert alone.manifest["plateau_at"] == at
            assert_same(entry.weights, alone.weights)


def test_a_joint_stage_shrinks_too(data: DataSet, tmp_path: Path) -> None:
    """Its network is made again from the stack below it, for the last measures."""
    below = {"name": "codes", "model": "autoencoder", "hidden": 6, "epochs": 1}
    rates = {"grid": [0.0001, 0.003, 0.01]}
    above = {"name": "tuned", "model": "fine_tune", "learning_rate": rates, "epochs": 4}
    study = Study(study="s", data="digits", stages=[below, above], dtype="float64")
    store, tree = Store(tmp_path), schedule(study, data)
    first = tree.next()
    assert first is not None
    finish(first, data, store)
    tree.finish(first, {t.key: last_metrics(store.manifest(t.key)) for t in first.trials})
    second = tree.next()
    assert second is not None
    stop = HALVING | {"plateau": PLATEAU | {"tolerance": 0.5}}
    tuned = Cohort(tuple(replace(trial, stop=stop) for trial in second.trials))
    finish(tuned, data, store)
    manifests = [store.manifest(str(entry_key(t, store))) for t in tuned.trials]
    assert sorted(str(m["stopped_by"]) for m in manifests) == ["None", "halving", "halving"]
    for manifest in manifests:
        history = manifest["history"]
        assert history["test/reconstruction_error"][-1][0] == history[ERROR][-1][0]
