"""What all variants share: weights in and out, selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models import InputError
from layerwise.models.network import require_probabilities

PLAIN = Case("autoencoder")


def test_as_many_seeds_as_trials() -> None:
    with pytest.raises(InputError, match="a seed for each of 2 trials"):
        cohort(PLAIN, [settings(PLAIN)] * 2, [0])


def test_selected_trials_go_on_as_they_were() -> None:
    rng = np.random.default_rng(0)
    trials = [settings(PLAIN, rng) for _ in range(4)]
    network = cohort(PLAIN, trials, [5, 6, 7, 8])
    before = [network.weights(trial) for trial in range(4)]
    network.select(torch.tensor([3, 1]))
    assert network.seeds == (8, 6)
    assert network.settings == (trials[3], trials[1])
    assert network.learning_rate.tolist() == [t["learning_rate"] for t in (trials[3], trials[1])]
    for now, then in [(0, 3), (1, 1)]:
        for name, array in network.weights(now).items():
            np.testing.assert_array_equal(array, before[then][name])


def test_weights_are_copies_and_come_back() -> None:
    network = cohort(PLAIN, [settings(PLAIN)] * 2, [0, 1])
    taken = network.weights(0)
    taken["weight"] += 1
    assert not np.array_equal(taken["weight"], network.weights(0)["weight"])
    second = network.weights(1)
    network.set_weights(taken, 0)
    np.testing.assert_array_equal(network.weights(0)["weight"], taken["weight"])
    np.testing.assert_array_equal(network.weights(1)["weight"], second["weight"])
    assert all(array.flags.c_contiguous and array.flags.owndata for array in taken.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": None}, r"set_weights\(weight\): must be given, with shape \(12, 7\)"),
        ({"weight": np.zeros((7, 12))}, r"must be numbers of shape \(12, 7\)"),
        ({"hidden_bias": np.full(7, np.nan)}, r"set_weights\(hidden_bias\): must be finite"),
        ({"hidden_bias": np.full(7, "a")}, r"must be numbers of shape \(7,\)"),
        ({"visible_bias": np.zeros(12)}, "set_weights: takes weight, hidden_bias, decoder_weight"),
    ],
)
def test_wrong_weights_are_refused_and_change_nothing(change: dict[str, Any], message: str) -> None:
    network = cohort(PLAIN, [settings(PLAIN)], [0])
    before = network.weights()
    given = {name: array + 1 for name, array in before.items()} | change
    with pytest.raises(InputError, match=message):
        network.set_weights({name: array for name, array in given.items() if array is not None})
    for name, array in network.weights().items():
        np.testing.assert_array_equal(array, before[name])


def test_inputs_of_another_width_are_not_met() -> None:
    network = cohort(PLAIN, [settings(PLAIN)], [0])
    with pytest.raises(InputError, match="inputs of width 12, but got 11"):
        network.meet(made_samples([0]).all()[..., : VISIBLE - 1])


def test_probabilities_include_both_ends() -> None:
    require_probabilities("here", torch.tensor([0.0, 1.0]))
    for wrong in (-1e-3, 1.001):
        with pytest.raises(InputError, match="needs inputs from 0 to 1"):
            require_probabilities("here", torch.tensor([0.5, wrong]))
