"""Langevin sampling along scores that are known, and along one that was learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, settings
from torch import Tensor

from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.draws import Draws
from layerwise.models.errors import InputError
from layerwise.models.sampling.chain import run, white_noise
from layerwise.models.sampling.langevin import Langevin, annealed, descending, langevin
from layerwise.models.training import Samples, Training

CHAINS = 20_000


def test_of_a_gaussian_mean_and_covariance_are_those_of_the_unadjusted_chain() -> None:
    """Each principal direction of variance λ gets λ/(1 − step/(2λ)), each trial by its step."""
    turn = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
    mean, widths = torch.tensor([1.0, -2.0], dtype=torch.float64), torch.tensor([0.5, 2.0]).double()
    precision = turn @ torch.diag(1 / widths) @ turn.T

    def score(x: Tensor) -> Tensor:
        return (mean - x) @ precision

    step = torch.tensor([0.05, 0.4], dtype=torch.float64)
    draws = Draws([0, 1], dtype=torch.float64)
    found = run(Langevin(score, step), white_noise(CHAINS, 2, draws), 250, draws)
    for trial in range(2):
        expected = turn @ torch.diag(widths / (1 - step[trial] / (2 * widths))) @ turn.T
        covariance = np.cov(found[trial].numpy().T)
        np.testing.assert_allclose(covariance, expected, atol=0.06)
        np.testing.assert_allclose(found[trial].mean(0), mean, atol=0.05)
    assert np.cov(found[1].numpy().T).trace() > np.cov(found[0].numpy().T).trace() + 0.2


def trained(levels: list[float], x: Tensor) -> Autoencoder:
    """Linear networks that have learned to take Gaussian noise of these levels from x."""
    case = Case("autoencoder", {"activation": "identity", "corruption.kind": "gaussian"})
    width = x.shape[-1]
    numbers = {"batch_size": 100, "learning_rate": 0.03, "learning_rate_decay": 1.0}
    trials = [
        settings(case, hidden=width, **numbers, **{"corruption.level": level}) for level in levels
    ]
    network = cohort(case, trials, [0] * len(levels), visible=width)
    assert isinstance(network, Autoencoder)
    for _ in Training(network, Samples(x, (0,) * len(levels)), None, 40):
        pass
    return network


def test_a_learned_score_gives_the_smoothed_data() -> None:
    variance = torch.tensor([0.3, 1.5], dtype=torch.float64)
    x = Draws([9], dtype=torch.float64).normal("data", 2000, 2) * variance.sqrt() + 0.5
    network = trained([0.5, 1.0], x)
    found = run(langevin(network), white_noise(CHAINS, 2, network.draws()), 400, network.draws())
    for trial, level in enumerate([0.5, 1.0]):
        smoothed = x[0].var(0) + level**2
        step = 0.1 * level**2
        expected = smoothed / (1 - step / (2 * smoothed))
        torch.testing.assert_close(found[trial].var(0), expected, rtol=0.12, atol=0)
        torch.testing.assert_close(found[trial].mean(0), x[0].mean(0), rtol=0, atol=0.12)


def test_annealing_goes_from_much_noise_to_little() -> None:
    x = Draws([9], dtype=torch.float64).normal("data", 2000, 1) * 0.6 + 3.0
    network = trained([0.3, 2.0, 0.8], x)
    transitions = descending(network)
    assert [t.step_T.item() for t in transitions] == pytest.approx([0.4, 0.064, 0.009])
    assert network.trials == 3
    draws = Draws([1], dtype=torch.float64)
    found = annealed(transitions, white_noise(4000, 1, draws), 150, draws)
    assert found.shape == (1, 4000, 1)
    smoothed = 0.36 + 0.09
    assert found.mean().item() == pytest.approx(3.0, abs=0.1)
    assert found.var().item() == pytest.approx(smoothed / (1 - 0.009 / (2 * smoothed)), rel=0.15)


def test_a_network_without_a_score_is_refused() -> None:
    for given, message in [
        ({"corruption.kind": "masking", "corruption.level": 0.2}, "gaussian corruption"),
        ({"corruption.kind": "gaussian", "corruption.level": 0.0}, r"corruption\.level above 0"),
    ]:
        case = Case("denoising_autoencoder")
        network = cohort(case, [settings(case, **given)], [0])
        assert isinstance(network, Autoencoder)
        with pytest.raises(InputError, match=message):
            langevin(network)
    network = cohort(case, [settings(case, **{"corruption.kind": "gaussian"})], [0])
    assert isinstance(network, Autoencoder)
    with pytest.raises(InputError, match="below 2"):
        langevin(network, share=2.0)
