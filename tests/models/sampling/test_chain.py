"""Chains go on where they stopped, and a trial's chain does not notice the others."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from layerwise.models.draws import Draws
from layerwise.models.errors import InputError
from layerwise.models.sampling.chain import run, trajectory, white_noise


def drift(x_TBV: Tensor, draws: Draws) -> Tensor:
    """x ← x/2 + ε."""
    return x_TBV / 2 + draws.normal("drift", *x_TBV.shape[1:])


def test_a_chain_taken_up_again_is_the_whole_chain() -> None:
    draws = Draws([0, 1])
    start = white_noise(3, 4, draws)
    whole = run(drift, start, 9, draws)
    halfway = run(drift, start, 4, draws)
    assert torch.equal(run(drift, halfway, 5, draws, taken=4), whole)
    assert not torch.equal(run(drift, halfway, 5, draws), whole)


def test_a_trajectory_holds_the_states_on_the_way() -> None:
    draws = Draws([0, 1])
    start = white_noise(3, 4, draws)
    found = trajectory(drift, start, 4, draws, burn_in=2, thin=3)
    assert found.shape == (4, 2, 3, 4)
    for number in range(4):
        assert torch.equal(found[number], run(drift, start, 2 + 3 * (number + 1), draws))


def test_a_trial_walks_alike_alone_and_beside_others() -> None:
    seeds = [0, 1, 0]
    together = run(drift, white_noise(2, 3, Draws(seeds)), 5, Draws(seeds))
    for trial, seed in enumerate(seeds):
        alone = run(drift, white_noise(2, 3, Draws([seed])), 5, Draws([seed]))
        assert torch.equal(alone[0], together[trial])


def test_white_noise_has_its_mean_and_spread() -> None:
    noise = white_noise(20_000, 2, Draws([4]), mean=0.5, spread=2.0)
    assert noise.mean().item() == pytest.approx(0.5, abs=0.04)
    assert noise.std().item() == pytest.approx(2.0, rel=0.02)


def test_no_step_is_no_chain() -> None:
    start = torch.zeros(1, 1, 1)
    with pytest.raises(InputError, match="at least one step, but got 0"):
        run(drift, start, 0, Draws([0]))
    for wrong in ({"burn_in": -1}, {"thin": 0}):
        with pytest.raises(InputError, match="no negative burn-in"):
            trajectory(drift, start, 1, Draws([0]), **wrong)
