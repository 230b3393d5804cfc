"""A stage, whole, without Ray: what is read, what is stored, and when nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from without_ray import TWO_LAYERS, finish, schedule, train

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.execution.frozen_codes import codes, stage_inputs
from layerwise.platform.execution.trained import estimator
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ERROR = "reconstruction_error"
ONE_STAGE: dict[str, Any] = {
    "study": "one",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {
            "name": "codes",
            "model": "autoencoder",
            "hidden": 6,
            "corruption": {"level": {"grid": [0.0, 0.3]}},
            "learning_rate": {"grid": [0.001, 0.02]},
            "epochs": 3,
        }
    ],
}
JOINED: dict[str, Any] = {
    "study": "joined",
    "data": "digits",
    "stages": [
        {"name": "left", "model": "autoencoder", "hidden": 3, "epochs": 1},
        {"name": "right", "model": "autoencoder", "hidden": 5, "epochs": 1, "after": []},
        {
            "name": "both",
            "model": "autoencoder",
            "hidden": 2,
            "epochs": 1,
            "after": ["left", "right"],
        },
    ],
}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


@pytest.fixture(scope="module")
def trained(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Store]:
    """Two layers, trained."""
    store = Store(tmp_path_factory.mktemp("store"))
    return train(Study(**TWO_LAYERS), store, data), store


def stage(outcome: Outcome, name: str) -> list[Any]:
    """The trials of a stage."""
    return [trial for trial in outcome.plan.trials() if trial.stage == name]


def files(store: Store) -> list[Path]:
    """All that the store has on the disk, folders of its own aside."""
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_histories_begin_before_training(trained: tuple[Outcome, Store]) -> None:
    outcome, _ = trained
    assert len(outcome.manifests) == 4 + 8
    for trial in outcome.plan.trials():
        history = outcome.manifests[trial.key]["history"]
        epochs = trial.settings["epochs"]
        steps = {name: [step for step, _ in points] for name, points in history.items()}
        once = {name for name, found in steps.items() if found == [epochs]}
        assert {name.partition("/")[2] for name in once} >= {"probe_accuracy", "effective_rank"}
        for name, found in steps.items():
            if name in once:
                # Too costly for every epoch: measured at the end, on both.
                assert {f"validation/{name.partition('/')[2]}", name} <= once
                continue
            split, _, _ = name.partition("/")
            whole = list(range(epochs + 1))
            wanted = {"train": whole[1:], "validation": whole, "test": [0, epochs]}[split]
            assert found == wanted, name
        assert {"train/loss", f"validation/{ERROR}", f"test/{ERROR}"} <= steps.keys()
        points = history[f"validation/{ERROR}"]
        assert points[-1][1] < points[0][1]


def test_what_is_stored_gives_the_metrics_that_were_reported(
    trained: tuple[Outcome, Store], data: DataSet
) -> None:
    outcome, store = trained
    for trial in outcome.plan.trials():
        inputs = stage_inputs(trial.inputs, data, store)
        network = estimator(trial.key, store)
        for split in ("validation", "test"):
            x = inputs[split]
            error = np.square(network.reconstruct(x) - x).sum(1).mean()
            reported = last_metrics(outcome.manifests[trial.key])[f"{split}/{ERROR}"]
            assert reported == pytest.approx(error, rel=1e-5)


def test_a_child_reads_its_parents_codes(trained: tuple[Outcome, Store], data: DataSet) -> None:
    outcome, store = trained
    for child in stage(outcome, "second"):
        [parent] = child.parents
        inputs = stage_inputs(child.inputs, data, store)
        for split in ("train", "validation", "test"):
            expected = estimator(parent, store).encode(getattr(data, split))
            assert inputs[split].shape[1] == child.visible
            np.testing.assert_array_equal(inputs[split], expected)


def test_codes_are_computed_once(trained: tuple[Outcome, Store], data: DataSet) -> None:
    outcome, store = trained
    parents = {key for child in stage(outcome, "second") for key in child.parents}
    before = {path: path.stat().st_mtime_ns for path in files(store)}
    for key in parents:
        codes(key, data, store)
    assert {path: path.stat().st_mtime_ns for path in files(store)} == before


def test_a_stage_after_two_reads_both_side_by_side(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    outcome = train(Study(**JOINED), store, data)
    [both] = stage(outcome, "both")
    assert both.visible == 3 + 5
    left, right = (codes(key, data, store)["test"] for key in both.parents)
    inputs = stage_inputs(both.inputs, data, store)["test"]
    np.testing.assert_array_equal(inputs, np.concatenate([left, right], axis=1))
    assert estimator(both.key, store).encode(inputs).shape == (len(data.test), 2)


def test_a_trial_alone_and_in_a_cohort_is_the_same(data: DataSet, tmp_path: Path) -> None:
    study = Study(**ONE_STAGE, dtype="float64")
    fused = train(study, Store(tmp_path / "fused"), data)
    single = train(study, Store(tmp_path / "alone"), data, width=1)
    assert {m["trials_in_cohort"] for m in fused.manifests.values()} == {8}
    assert {m["trials_in_cohort"] for m in single.manifests.values()} == {1}
    assert fused.manifests.keys() == single.manifests.keys()
    for key, manifest in fused.manifests.items():
        left, right = (Store(tmp_path / n).read(key).weights for n in ("fused", "alone"))
        for name in left:
            assert left[name].dtype == np.float64
            np.testing.assert_allclose(left[name], right[name], rtol=1e-10, atol=1e-10)
        for name, points in manifest["history"].items():
            np.testing.assert_allclose(points, single.manifests[key]["history"][name], rtol=1e-9)


def test_a_diverged_trial_is_stored_without_weights(data: DataSet, tmp_path: Path) -> None:
    wild = {
        "name": "codes",
        "model": "autoencoder",
        "hidden": 8,
        "activation": "relu",
        "optimiser": "momentum",
        "learning_rate": {"grid": [0.001, 1e12]},
        "epochs": 3,
    }
    store = Store(tmp_path)
    outcome = train(Study(study="wild", data="digits", stages=[wild]), store, data)
    sound, lost = stage(outcome, "codes")
    manifest = outcome.manifests[lost.key]
    # The epoch, as in every history: it is in the first that the loss left the finite numbers.
    assert manifest["diverged_at"] == 1
    assert outcome.diverged == (lost.key,)
    assert not store.read(lost.key).weights
    assert not last_metrics(manifest)
    assert [step for step, _ in manifest["history"][f"validation/{ERROR}"]] == [0]
    assert store.read(sound.key).weights
    assert outcome.manifests[sound.key]["diverged_at"] is None


def test_an_interrupted_run_stores_nothing(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    cohort = schedule(Study(**ONE_STAGE), data).next()
    assert cohort is not None
    run = CohortRun(cohort, data, store)
    assert not run.advance(0.001)
    del run
    assert not files(store)
    assert not store.keys()
    # Begun anew it goes through, to the same numbers as if it had never been interrupted.
    finish(cohort, data, store)
    assert store.keys() == {trial.key for trial in cohort.trials}


def test_no_epochs_store_the_untrained_network(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    fresh = {"name": "codes", "model": "autoencoder", "hidden": 4, "epochs": 0}
    outcome = train(Study(study="fresh", data="digits", stages=[fresh]), store, data)
    [trial] = stage(outcome, "codes")
    history = outcome.manifests[trial.key]["history"]
    assert {len(points) for points in history.values()} == {1}
    assert f"test/{ERROR}" in history


def test_cohorts_are_stored_wholly(data: DataSet, tmp_path: Path) -> None:
    cohort = schedule(Study(**ONE_STAGE), data).next()
    assert isinstance(cohort, Cohort)
    store = Store(tmp_path)
    run = finish(cohort, data, store)
    assert run.epochs == run.epoch == 3
    manifests = [store.manifest(trial.key) for trial in cohort.trials]
    assert {m["cohort"] for m in manifests} == {cohort.name}
    assert len({(m["started"], m["ended"], m["worker"]) for m in manifests}) == 1
