"""Mixtures against integrals, automatic differentiation and their own samples."""

from __future__ import annotations

import numpy as np
import torch

from layerwise.platform.data.density import Mixture

CENTRES = np.array([[-1.0, 0.5], [2.0, 0.0], [0.5, 1.5]])


def test_it_is_a_density() -> None:
    mixture = Mixture(CENTRES, 0.4)
    axis = np.linspace(-5, 6, 400)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    cell = (axis[1] - axis[0]) ** 2
    np.testing.assert_allclose(np.exp(mixture.log_density(grid)).sum() * cell, 1.0, rtol=1e-6)


def test_its_score_is_the_slope_of_its_logarithm() -> None:
    x = np.random.default_rng(0).normal(size=(50, 2)) * 3
    seen = torch.tensor(x, requires_grad=True)
    part = torch.distributions.Normal(torch.tensor(CENTRES), 0.4)
    whole = part.log_prob(seen[:, None]).sum(-1).logsumexp(1) - np.log(3)
    (slope,) = torch.autograd.grad(whole.sum(), seen)
    mixture = Mixture(CENTRES, 0.4)
    np.testing.assert_allclose(mixture.log_density(x), whole.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(mixture.score(x), slope.numpy(), rtol=1e-8, atol=1e-10)


def test_far_away_nothing_underflows() -> None:
    x = np.array([[300.0, -400.0]])
    mixture = Mixture(CENTRES[:1], 0.1)
    np.testing.assert_allclose(mixture.score(x), (CENTRES[:1] - x) / 0.01, rtol=1e-12)
    assert np.isfinite(mixture.log_density(x)).all()


def test_noise_makes_it_wider_by_the_square() -> None:
    mixture = Mixture(CENTRES, 0.3)
    assert mixture.smoothed(0.4).spread == 0.5
    assert mixture.smoothed(0.0).spread == 0.3
    generator = np.random.default_rng(1)
    x = mixture.samples(40_000, generator)
    noisy = x + 0.4 * generator.standard_normal(x.shape)
    expected = np.cov(CENTRES.T, bias=True) + 0.25 * np.eye(2)
    np.testing.assert_allclose(np.cov(noisy.T), expected, atol=0.03)
    np.testing.assert_allclose(x.mean(0), CENTRES.mean(0), atol=0.03)


def test_the_ideal_denoiser_is_a_step_along_the_score() -> None:
    # Of one Gaussian N(c, s²), E[x | x̃] = (σ² c + s² x̃) / (s² + σ²).
    one, noise, seen = Mixture(CENTRES[:1], 0.3), 0.4, np.array([[1.0, -2.0]])
    expected = (noise**2 * CENTRES[:1] + 0.09 * seen) / (0.09 + noise**2)
    step = seen + noise**2 * one.smoothed(noise).score(seen)
    np.testing.assert_allclose(step, expected, rtol=1e-12)
