"""The higher-order contractive autoencoder: its penalty becomes the Hessian, and does its work."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models import HyperparameterError, create
from layerwise.models.autoencoders.autoencoder import Autoencoder

NAME = "higher_order_contractive_autoencoder"
NOISES = (0.2, 0.1, 0.05)


def penalty(activation: str, samples: int, seeds: list[int]) -> torch.Tensor:
    """The curvature penalty over noise² at three samples, for each seed and noise level."""
    case = Case(NAME, {"activation": activation, "contraction.samples": samples})
    trials = [
        settings(case, **{"contraction.curvature": 1.0, "contraction.noise": noise})
        for _ in seeds
        for noise in NOISES
    ]
    network = cohort(case, trials, [seed for seed in seeds for _ in NOISES])
    flat = cohort(case, [trial | {"contraction.curvature": 0.0} for trial in trials], network.seeds)
    assert isinstance(network, Autoencoder)
    assert isinstance(flat, Autoencoder)
    for made in (network, flat):
        # The same weights for every seed: only the noise is to differ.
        made.parameters = {n: v[:1].expand_as(v).clone() for n, v in made.parameters.items()}
    x = made_samples([0]).all()[:, :3]
    draws = network.draws(1, 0)
    bent = network.loss(x, draws)[0] - flat.loss(x, draws)[0]
    return bent.view(len(seeds), len(NOISES)) / torch.tensor(NOISES).square()


def hessian_norm(activation: str) -> torch.Tensor:
    """mean_b ‖∂²code/∂x²‖²_F at the same samples, by finite differences of the Jacobian."""
    case = Case(NAME, {"activation": activation})
    network = cohort(case, [settings(case)], [0])
    x = made_samples([0]).all()[:, :3]
    step = 1e-5
    rows = [
        (network.jacobian(x + move) - network.jacobian(x - move))[0] / (2 * step)
        for move in step * torch.eye(x.shape[2], dtype=torch.float64)
    ]
    return torch.stack(rows).square().sum((0, 2, 3)).mean()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_it_converges_to_the_finite_difference_curvature_as_the_noise_vanishes(
    activation: str,
) -> None:
    """E ‖J(x) − J(x + ε)‖²/noise² → ‖H‖²_F, with an error that falls like noise²."""
    found = penalty(activation, samples=1000, seeds=list(range(20))).mean(0)
    error = (found / hessian_norm(activation) - 1).abs()
    assert error[0] > 2.5 * error[1] > 2.5**2 * error[2]
    assert error[2] < 0.02


def test_it_converges_as_points_are_added() -> None:
    """The spread over seeds falls like 1/√samples around one and the same mean."""
    seeds = list(range(60))
    few, many = (penalty("sigmoid", samples, seeds)[:, 2] for samples in (4, 64))
    assert 2.8 < few.std() / many.std() < 5.7
    assert abs(few.mean() - many.mean()) < 4 * few.std() / len(seeds) ** 0.5


def test_a_piecewise_linear_encoder_has_no_curvature() -> None:
    assert not penalty("identity", samples=4, seeds=[0, 1]).any()


def test_the_jacobian_varies_less_where_curvature_is_penalised() -> None:
    x = digits()[:600]
    nearby = x + np.random.default_rng(0).normal(scale=0.3, size=x.shape)
    changes = []
    for curvature in (0.0, 10.0, 100.0):
        network = create(
            NAME, hidden=32, epochs=30, contraction={"weight": 0.1, "curvature": curvature}
        ).fit(x)
        slopes = [h * (1 - h) for h in (network.encode(x), network.encode(nearby))]
        columns = np.square(network.weights()["weight"]).sum(0)
        changes.append((np.square(slopes[0] - slopes[1]) @ columns).mean())
    assert changes[0] > 1.5 * changes[1] > 1.5**2 * changes[2]


def test_without_noise_there_is_nothing_to_compare() -> None:
    with pytest.raises(HyperparameterError, match=r"contraction.noise: .*above 0"):
        create(NAME, contraction={"noise": 0.0})
