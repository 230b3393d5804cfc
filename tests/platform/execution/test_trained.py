"""Stored stages as networks: alone, stacked, untrained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from without_ray import TWO_LAYERS, train

from layerwise.models import Estimator, Stack
from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import StoreError
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.execution.trained import estimator, layers, network, untrained
from layerwise.platform.store import Store
from layerwise.platform.study import Study


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


@pytest.fixture(scope="module")
def trained(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Store]:
    """Two layers, trained."""
    store = Store(tmp_path_factory.mktemp("store"))
    return train(Study(**TWO_LAYERS), store, data), store


def test_a_network_is_what_the_trial_says(trained: tuple[Outcome, Store]) -> None:
    outcome, store = trained
    for trial in outcome.plan.trials():
        found = estimator(trial.key, store)
        assert found.variant.name == trial.model
        assert (found.visible_, found.hidden_) == (trial.visible, trial.settings["hidden"])
        assert found.seed == trial.seed
        assert found.settings == trial.settings


def test_layers_go_from_the_data_upwards(trained: tuple[Outcome, Store], data: DataSet) -> None:
    outcome, store = trained
    deep = [trial for trial in outcome.plan.trials() if trial.stage == "second"]
    for trial in deep:
        stack = layers(trial.key, store)
        assert stack is not None
        assert [layer.variant.name for layer in stack] == [
            "denoising_autoencoder",
            "contractive_autoencoder",
        ]
        both = network(stack)
        assert isinstance(both, Stack)
        assert both.reconstruct(data.test).shape == data.test.shape
        codes = stack[1].encode(stack[0].encode(data.test))
        np.testing.assert_array_equal(both.encode(data.test), codes)


def test_one_layer_is_no_stack(trained: tuple[Outcome, Store]) -> None:
    outcome, store = trained
    first = next(outcome.plan.trials())
    stack = layers(first.key, store)
    assert stack is not None
    assert isinstance(network(stack), Estimator)


def test_before_training_a_network_has_the_errors_of_step_0(
    trained: tuple[Outcome, Store], data: DataSet
) -> None:
    outcome, store = trained
    first = next(outcome.plan.trials())
    stack = untrained(first.key, store)
    assert stack is not None
    [fresh] = stack
    error = np.square(fresh.reconstruct(data.test) - data.test).sum(1).mean()
    step, value = outcome.manifests[first.key]["history"]["test/reconstruction_error"][0]
    assert step == 0
    assert error == pytest.approx(value, rel=1e-5)


def test_a_key_that_is_not_stored_is_said(trained: tuple[Outcome, Store]) -> None:
    _, store = trained
    with pytest.raises(StoreError):
        estimator("0" * 64, store)


def test_a_diverged_trial_is_no_network(data: DataSet, tmp_path: Path) -> None:
    wild = {
        "name": "codes",
        "model": "autoencoder",
        "activation": "relu",
        "optimiser": "momentum",
        "learning_rate": 1e12,
        "epochs": 1,
    }
    store = Store(tmp_path)
    outcome = train(Study(study="wild", data="digits", stages=[wild]), store, data)
    [key] = outcome.manifests
    with pytest.raises(StoreError, match=r"must be a trial that trained to its end"):
        estimator(key, store)


def test_joined_parents_are_no_single_stack(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = {"model": "autoencoder", "hidden": 3, "epochs": 0, "after": []}
    stages = [
        {"name": "left", **one},
        {"name": "right", **one, "hidden": 2},
        {"name": "both", **one, "after": ["left", "right"]},
    ]
    outcome = train(Study(study="joined", data="digits", stages=stages), store, data)
    top = list(outcome.plan.trials())[-1]
    assert layers(top.key, store) is None
