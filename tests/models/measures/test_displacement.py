"""Where a noisy input is carried, against what is known of the identity and of a Gaussian."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.draws import Draws
from layerwise.models.measures.displacement import distance_travelled, noise_removed
from layerwise.models.network import Network

LEVELS = torch.tensor([0.1, 0.5, 2.0], dtype=torch.float64)


def linear(scale: np.ndarray) -> Network:
    """r(x) = scale · x, one row of scales for each trial."""
    case = Case("linear_autoencoder")
    network = cohort(case, [settings(case, hidden=VISIBLE)] * len(scale), range(len(scale)))
    for trial, row in enumerate(scale):
        zeros = np.zeros(VISIBLE)
        weights = {"weight": np.eye(VISIBLE), "decoder_weight": np.diag(row)}
        network.set_weights(weights | {"hidden_bias": zeros, "decoder_bias": zeros}, trial)
    return network


def test_the_identity_goes_nowhere_and_removes_nothing() -> None:
    network = linear(np.ones((2, VISIBLE)))
    x = made_samples([0, 1]).all()
    assert distance_travelled(network, x, LEVELS, network.draws()).abs().max() < 1e-12
    torch.testing.assert_close(
        noise_removed(network, x, LEVELS, network.draws()), torch.zeros(2, 3, dtype=torch.float64),
        rtol=0, atol=1e-10,
    )  # fmt: skip


def test_a_constant_travels_the_whole_way() -> None:
    """r(x) = 0 carries x̃ by ‖x̃‖, about level · √V where x = 0, and then leaves no noise."""
    network = linear(np.zeros((1, VISIBLE)))
    x = torch.zeros(1, 4000, VISIBLE, dtype=torch.float64)
    found = distance_travelled(network, x, LEVELS, network.draws())
    # E‖ε‖ of the chi distribution.
    mean = np.sqrt(2) * np.exp(
        torch.special.gammaln(torch.tensor((VISIBLE + 1) / 2)).item()
        - torch.special.gammaln(torch.tensor(VISIBLE / 2)).item()
    )
    torch.testing.assert_close(found, mean * LEVELS[None], rtol=0.01, atol=0)
    torch.testing.assert_close(
        noise_removed(network, x, LEVELS, network.draws()), torch.ones(1, 3, dtype=torch.float64)
    )


@pytest.mark.parametrize("level", [0.3, 1.5])
def test_the_best_reconstruction_of_a_gaussian_removes_what_theory_says(level: float) -> None:
    variance = np.linspace(0.1, 3, VISIBLE)
    network = linear(variance[None] / (variance[None] + level**2))
    noise = Draws([7], dtype=torch.float64).normal("data", 20_000, VISIBLE)
    x = noise * torch.from_numpy(np.sqrt(variance))
    found = noise_removed(network, x, torch.tensor([level]).double(), network.draws())
    expected = np.mean(level**2 / (level**2 + variance))
    assert found.item() == pytest.approx(expected, rel=0.02)
