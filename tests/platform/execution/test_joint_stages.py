"""A joint stage, whole, without Ray: it takes over a trained stack, and stands for it later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from without_ray import train

from layerwise.models import Stack, load
from layerwise.platform.answer.controls import measure
from layerwise.platform.data import DataSet
from layerwise.platform.data import load as load_data
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.execution.frozen_codes import stage_inputs
from layerwise.platform.execution.trained import estimator, layers, network, untrained
from layerwise.platform.plan import Trial
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ERROR = "reconstruction_error"
STAGES: list[dict[str, Any]] = [
    {
        "name": "first",
        "model": "denoising_autoencoder",
        "hidden": 12,
        "corruption": {"kind": "gaussian", "level": {"grid": [0.0, 0.2]}},
        "learning_rate": 0.01,
        "epochs": 2,
    },
    {
        "name": "second",
        "model": "contractive_autoencoder",
        "hidden": 6,
        "contraction": {"weight": {"grid": [0.0, 0.1]}},
        "learning_rate": 0.01,
        "epochs": 2,
    },
    {
        "name": "tuned",
        "model": "fine_tune",
        "learning_rate": {"grid": [0.001, 0.005]},
        "epochs": 2,
    },
    {"name": "above", "model": "autoencoder", "hidden": 3, "epochs": 1},
]
TAUGHT: list[dict[str, Any]] = [
    STAGES[0],
    {"name": "taught", "model": "fine_tune", "objective": "classification", "epochs": 3},
]


def study(stages: list[dict[str, Any]], **further: Any) -> Study:
    return Study(study="joint", data="digits", seeds=[0, 1], stages=stages, **further)


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load_data(study(STAGES).data)


@pytest.fixture(scope="module")
def trained(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Store]:
    """All four stages."""
    store = Store(tmp_path_factory.mktemp("store"))
    return train(study(STAGES), store, data), store


def stage(outcome: Outcome, name: str) -> list[Trial]:
    """The trials of a stage."""
    return [trial for trial in outcome.plan.trials() if trial.stage == name]


def error(found: Any, x: np.ndarray) -> float:
    """What ``reconstruction_error`` says."""
    return float(np.square(found.reconstruct(x) - x).sum(1).mean())


def test_it_starts_where_the_stack_ended(trained: tuple[Outcome, Store], data: DataSet) -> None:
    outcome, store = trained
    tuned = stage(outcome, "tuned")
    assert len(tuned) == 2 * 2 * 2 * 2
    assert {outcome.manifests[t.key]["trials_in_cohort"] for t in tuned} == {16}
    for trial in tuned:
        [parent] = trial.parents
        below = layers(parent, store)
        assert below is not None
        assert len(below) == 2
        points = outcome.manifests[trial.key]["history"][f"validation/{ERROR}"]
        assert points[0] == [0, pytest.approx(error(Stack(below), data.validation), rel=1e-5)]
        assert points[-1][1] < points[0][1]


def test_it_stands_for_the_stack_afterwards(
    trained: tuple[Outcome, Store], data: DataSet, tmp_path: Path
) -> None:
    outcome, store = trained
    for trial in stage(outcome, "tuned"):
        found = layers(trial.key, store)
        assert found is not None
        [tuned] = found
        reported = last_metrics(outcome.manifests[trial.key])[f"test/{ERROR}"]
        assert error(tuned, data.test) == pytest.approx(reported, rel=1e-5)
        [before] = untrained(trial.key, store) or []
        started = outcome.manifests[trial.key]["history"][f"test/{ERROR}"][0][1]
        assert error(before, data.test) == pytest.approx(started, rel=1e-5)
    tuned.save(tmp_path)
    np.testing.assert_array_equal(load(tmp_path).encode(data.test), tuned.encode(data.test))


def test_its_control_is_the_stack_it_started_from(
    trained: tuple[Outcome, Store], data: DataSet
) -> None:
    outcome, store = trained
    best = stage(outcome, "tuned")[:1]
    inputs = stage_inputs(best[0].inputs, data, store)
    [before] = [c for c in measure(best, inputs, outcome.manifests) if c.name == "untrained"]
    assert before.label == "the stack it started from"
    below = layers(best[0].parents[0], store)
    assert below is not None
    assert before.metrics[f"test/{ERROR}"] == pytest.approx(
        error(Stack(below), data.test), rel=1e-5
    )


def test_a_stage_above_reads_its_codes(trained: tuple[Outcome, Store], data: DataSet) -> None:
    outcome, store = trained
    child = stage(outcome, "above")[-1]
    [parent] = child.parents
    expected = estimator(parent, store).encode(data.train)
    np.testing.assert_array_equal(stage_inputs(child.inputs, data, store)["train"], expected)
    both = layers(child.key, store)
    assert both is not None
    assert [layer.model for layer in both] == ["fine_tune", "autoencoder"]
    assert network(both).reconstruct(data.test).shape == data.test.shape


def test_a_trial_alone_and_in_a_cohort_is_the_same(data: DataSet, tmp_path: Path) -> None:
    exact = study(STAGES[:3], dtype="float64")
    fused = train(exact, Store(tmp_path / "fused"), data)
    single = train(exact, Store(tmp_path / "alone"), data, width=1)
    assert fused.manifests.keys() == single.manifests.keys()
    for trial in stage(fused, "tuned"):
        left, right = (Store(tmp_path / n).read(trial.key).weights for n in ("fused", "alone"))
        assert left.keys() == right.keys()
        for name in left:
            np.testing.assert_allclose(left[name], right[name], rtol=1e-9, atol=1e-10)


def test_a_supervised_stage_learns_the_labels(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    outcome = train(study(TAUGHT), store, data)
    for trial in stage(outcome, "taught"):
        history = outcome.manifests[trial.key]["history"]
        assert trial.settings["classes"] == 10
        assert "train/classification_error" in history
        for split in ("validation", "test"):
            points = history[f"{split}/classification_error"]
            assert points[-1][1] < 0.6 < points[0][1]
        # What the labels taught is in the code.
        weights = store.read(trial.key).weights
        assert weights["readout_weight"].shape == (12, 10)


def test_labels_reach_nothing_that_learns_without_them(data: DataSet, tmp_path: Path) -> None:
    assert data.labels is not None
    shuffled = {split: np.roll(labels, 1) for split, labels in data.labels.items()}
    others = replace(data, labels=shuffled)
    found = [
        train(study(TAUGHT), Store(tmp_path / name), source)
        for name, source in (("right", data), ("wrong", others))
    ]
    stores = [Store(tmp_path / name) for name in ("right", "wrong")]
    for name, same in (("first", True), ("taught", False)):
        for left, right in zip(*(stage(outcome, name) for outcome in found), strict=True):
            assert left.key != right.key
            arrays = [stores[0].read(left.key).weights, stores[1].read(right.key).weights]
            assert all(np.array_equal(arrays[0][n], arrays[1][n]) for n in arrays[0]) is same


def test_state_is_stored_and_comes_back(data: DataSet, tmp_path: Path) -> None:
    machine = {
        "name": "machine",
        "model": "bernoulli_rbm",
        "hidden": 5,
        "persistent": True,
        "particles": 7,
        "learning_rate": {"grid": [0.01, 0.02]},
        "epochs": 1,
    }
    store = Store(tmp_path)
    outcome = train(Study(study="state", data="digits", stages=[machine]), store, data)
    for trial in stage(outcome, "machine"):
        arrays = store.read(trial.key).weights
        assert arrays["state.particles"].shape == (7, 64)
        found = estimator(trial.key, store).network_
        assert found is not None
        np.testing.assert_array_equal(found.state["particles"][0], arrays["state.particles"])
