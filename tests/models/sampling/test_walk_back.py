"""The walk-back chain against stationary distributions that are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, settings

from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.draws import Draws
from layerwise.models.errors import InputError
from layerwise.models.sampling.chain import run, white_noise
from layerwise.models.sampling.walk_back import WalkBack, remaining_covariance, walk_back
from layerwise.models.training import Samples, Training

CHAINS = 20_000
LEARNING = {"batch_size": 100, "learning_rate": 0.03, "learning_rate_decay": 1.0}


def made(visible: int, levels: list[float], /, **given: object) -> Autoencoder:
    """Untrained networks with the identity as code, one for each level."""
    case = Case("autoencoder", {"activation": "identity", **given})
    trials = [settings(case, hidden=visible, **{"corruption.level": level}) for level in levels]
    network = cohort(case, trials, [0] * len(levels), visible=visible)
    assert isinstance(network, Autoencoder)
    network.parameters["weight"].copy_(torch.eye(visible))
    for name in ("hidden_bias", "decoder_weight", "decoder_bias"):
        network.parameters[name].zero_()
    return network


def gaussian(variance: np.ndarray, levels: list[float]) -> tuple[Autoencoder, torch.Tensor]:
    """The best reconstruction x̃ λ/(λ + σ²) of N(0, λ), and the root of the error it leaves."""
    network = made(len(variance), levels, **{"corruption.kind": "gaussian"})
    roots = []
    for trial, level in enumerate(levels):
        share = torch.from_numpy(variance / (variance + level**2))
        network.parameters["decoder_weight"][trial] = torch.diag(share)
        roots.append(torch.diag(level * share.sqrt()))
    return network, torch.stack(roots)


def test_of_a_gaussian_the_chain_has_the_datas_distribution() -> None:
    variance = np.array([0.05, 1.0, 4.0])
    network, root = gaussian(variance, [0.5, 2.0])
    start = white_noise(CHAINS, 3, network.draws())
    found = run(WalkBack(network, root), start, 60, network.draws())
    for trial in range(2):
        # The widest direction mixes by a factor λ/(λ + σ²) a step: 0.94^60 of the start is left.
        covariance = np.cov(found[trial].numpy().T)
        np.testing.assert_allclose(np.diag(covariance), variance, rtol=0.05)
        assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 0.06
        np.testing.assert_allclose(found[trial].mean(0), 0, atol=0.06)


def test_without_what_it_leaves_the_chain_shrinks_as_theory_says() -> None:
    """x ← a (x + σε) has the variance a²σ²/(1 − a²), not λ."""
    network, root = gaussian(np.array([1.0]), [1.0])
    start = white_noise(CHAINS, 1, network.draws())
    found = run(WalkBack(network, torch.zeros_like(root)), start, 30, network.draws())
    assert found.var().item() == pytest.approx(0.25 / 0.75, rel=0.04)


def test_of_a_binary_input_the_chain_has_its_probability() -> None:
    probability, level = 0.2, 0.6
    structure = {
        "output_activation": "sigmoid",
        "reconstruction": "cross_entropy",
        "corruption.kind": "salt_and_pepper",
    }
    network = made(1, [level], **structure)
    # P(x = 1 | x̃) by Bayes's rule, which a sigmoid of a line through two points can be.
    seen_from_1, seen_from_0 = 1 - level / 2, level / 2
    odds = probability / (1 - probability)
    at_1, at_0 = np.log(odds * seen_from_1 / seen_from_0), np.log(odds * seen_from_0 / seen_from_1)
    network.parameters["decoder_bias"][:] = at_0
    network.parameters["decoder_weight"][:] = at_1 - at_0
    data = torch.zeros(1, 4, 1, dtype=torch.float64)
    transition = walk_back(network, data, network.draws())
    assert transition.root_TVV is None
    found = run(transition, torch.ones(1, CHAINS, 1, dtype=torch.float64), 25, network.draws())
    assert set(found.unique().tolist()) == {0.0, 1.0}
    deviation = np.sqrt(probability * (1 - probability) / CHAINS)
    assert abs(found.mean().item() - probability) < 4 * deviation


def test_the_covariance_that_is_left_is_that_of_the_best_reconstruction() -> None:
    variance = np.array([0.3, 2.0])
    network, root = gaussian(variance, [0.4, 1.5])
    x = (
        Draws([3], dtype=torch.float64).normal("data", 30_000, 2)
        * torch.from_numpy(variance).sqrt()
    )
    found = remaining_covariance(network, x, network.draws())
    torch.testing.assert_close(found, root @ root.mT, rtol=0.03, atol=0.02)


def test_a_trained_network_gives_samples_of_its_gaussian() -> None:
    root = torch.tensor([[1.0, 0.6, 0.0], [0.0, 0.8, 0.3], [0.0, 0.0, 0.7]], dtype=torch.float64)
    x = Draws([9], dtype=torch.float64).normal("data", 1000, 3) @ root
    case = Case("autoencoder", {"activation": "identity", "corruption.kind": "gaussian"})
    trial = settings(case, hidden=3, **{"corruption.level": 0.5}, **LEARNING)
    network = cohort(case, [trial], [0], visible=3)
    assert isinstance(network, Autoencoder)
    for _ in Training(network, Samples(x, (0,)), None, 40):
        pass
    transition = walk_back(network, x, network.draws())
    start = white_noise(5000, 3, network.draws())
    found = run(transition, start, 60, network.draws())[0]
    np.testing.assert_allclose(np.cov(found.numpy().T), np.cov(x[0].numpy().T), atol=0.08)


def test_without_corruption_there_is_nothing_to_walk_back_from() -> None:
    network = made(2, [0.5, 0.0], **{"corruption.kind": "gaussian"})
    with pytest.raises(InputError, match=r"corruption\.level must be above 0, but got 0"):
        WalkBack(network, None)
