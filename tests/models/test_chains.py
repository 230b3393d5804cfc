"""Chains whose autocorrelation is known, chains that disagree, chains with heavy tails."""

from __future__ import annotations

import math

import pytest
import torch

from layerwise.models.chains import (
    effective_samples,
    potential_scale_reduction,
    r_hat,
    rank_normalised,
    split,
)


def autoregressive(correlation: list[float], chains: int, length: int, seed: int) -> torch.Tensor:
    """x_n = ρ x_{n−1} + √(1 − ρ²) ε, from its stationary distribution N(0, 1), a ρ per trial."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(correlation), chains, length, generator=generator, dtype=torch.float64)
    rho = torch.tensor(correlation, dtype=torch.float64)[:, None]
    states = [noise[..., 0]]
    for n in range(1, length):
        states.append(rho * states[-1] + (1 - rho.square()).sqrt() * noise[..., n])
    return torch.stack(states, -1)


def test_effective_samples_of_an_autoregression() -> None:
    """1 + 2 Σ ρᵗ = (1 + ρ)/(1 − ρ); a negative ρ makes samples worth more than their number."""
    rho = [0.0, 0.3, 0.7, 0.9, -0.5]
    chains, length = 8, 4000
    found = effective_samples(autoregressive(rho, chains, length, seed=1))
    expected = [chains * length * (1 - r) / (1 + r) for r in rho]
    torch.testing.assert_close(found, torch.tensor(expected).double(), rtol=0.08, atol=0)


def test_effective_samples_say_how_far_the_mean_is_off() -> None:
    """Over many sets of chains the variance of the mean is 1/ESS."""
    x = autoregressive([0.8] * 400, 4, 500, seed=2)
    variance = x.mean((1, 2)).square().mean()
    torch.testing.assert_close(
        variance, (1 / effective_samples(x)).mean(), rtol=0.25, atol=0
    )  # a variance of 400 means has a standard error of 7 %


def test_chains_that_agree_and_chains_that_are_shifted() -> None:
    x = autoregressive([0.2, 0.2, 0.2, 0.2], 4, 1000, seed=3)
    x[1, 0] += 2
    x[2, 0] *= 5
    x[3] += torch.linspace(0, 3, 1000, dtype=torch.float64)
    same, shifted, wider, drifting = r_hat(x).tolist()
    assert same < 1.01
    assert shifted > 1.1
    assert wider > 1.1
    assert drifting > 1.1


def test_a_wider_chain_is_seen_only_by_its_distance_from_the_median() -> None:
    x = autoregressive([0.0], 4, 1000, seed=4)
    x[0, 0] *= 5
    assert potential_scale_reduction(rank_normalised(split(x))).item() < 1.01


def test_ranks_make_heavy_tails_harmless() -> None:
    x = torch.tan(
        math.pi * (torch.rand(1, 4, 1000, generator=torch.Generator().manual_seed(5)) - 0.5)
    )
    x[0, 0] += 5
    assert r_hat(x.double()).item() > 1.1
    assert potential_scale_reduction(split(x.double())).item() < 1.05


def test_potential_scale_reduction_by_hand() -> None:
    x = torch.tensor([[[1.0, 2, 3], [2, 4, 6]]], dtype=torch.float64)
    within, between = (1 + 4) / 2, 2.0
    expected = math.sqrt((2 / 3 * within + between) / within)
    torch.testing.assert_close(potential_scale_reduction(x).item(), expected)


def test_normal_scores_are_those_of_the_ranks() -> None:
    x = torch.tensor([[[3.0, 1, 1], [9, 2, 100]]], dtype=torch.float64)
    rank = torch.tensor([[[4, 1.5, 1.5], [5, 3, 6]]], dtype=torch.float64)
    expected = torch.special.ndtri((rank - 3 / 8) / (6 + 1 / 4))
    torch.testing.assert_close(rank_normalised(x), expected)


def test_trials_do_not_see_each_other() -> None:
    x = autoregressive([0.1, 0.5, 0.9], 3, 200, seed=6)
    for measure in (r_hat, effective_samples):
        alone = torch.cat([measure(trial[None]) for trial in x])
        torch.testing.assert_close(measure(x), alone, rtol=1e-12, atol=0)


def test_the_middle_state_of_odd_chains_belongs_to_no_half() -> None:
    x = torch.arange(5.0).view(1, 1, 5)
    assert split(x).tolist() == [[[0, 1], [3, 4]]]
    with pytest.raises(ValueError, match="3 states"):
        split(x[..., :3])
