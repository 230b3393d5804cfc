"""Means, draws and log-normalisers against sums over states, quadrature, and each other."""

from __future__ import annotations

from itertools import product
from math import log

import pytest
import torch

from layerwise.models.boltzmann.units import (
    Bernoulli,
    Gaussian,
    Multinomial,
    Rectified,
    Units,
    softplus,
)
from layerwise.models.draws import Draws

VARIANCE = torch.tensor([[0.3, 2.0, 1.0]], dtype=torch.float64)
INPUT = torch.tensor([[[-2.0, 0.3, 1.7], [3.0, -0.4, 0.0]]], dtype=torch.float64)
DRAWS = Draws([3], dtype=torch.float64)


@pytest.mark.parametrize(
    ("units", "factor"),
    [
        (Bernoulli(), torch.ones(3)),
        (Bernoulli(2), 2 * torch.ones(3)),
        (Gaussian(), torch.ones(3)),
        (Gaussian(VARIANCE), 1 / VARIANCE),
        (Rectified(), torch.ones(3)),
        (Multinomial(torch.tensor([[5.0, 2.0]], dtype=torch.float64)), torch.ones(3)),
    ],
)
def test_the_mean_is_the_derivative_of_the_log_normaliser(
    units: Units, factor: torch.Tensor
) -> None:
    a = INPUT.clone().requires_grad_()
    (slope,) = torch.autograd.grad(units.log_normaliser(a).sum(), a)
    torch.testing.assert_close(slope, factor * units.mean(INPUT), rtol=1e-12, atol=1e-14)


def test_softplus_keeps_its_last_digits() -> None:
    a = torch.tensor([-50.0, 0.0, 15.0, 25.0, 36.0, 800.0], dtype=torch.float64)
    torch.testing.assert_close(softplus(a), torch.logaddexp(a, a * 0), rtol=1e-15, atol=0)


def test_binary_units_are_summed_over_their_states() -> None:
    for copies in (1, 2, 3):
        total = sum(
            torch.exp(copies * (sum(states) / copies) * INPUT)
            for states in product((0, 1), repeat=copies)
        )
        found = Bernoulli(copies).log_normaliser(INPUT)
        torch.testing.assert_close(found, total.log(), rtol=1e-13, atol=1e-14)


def test_gaussian_units_are_integrated() -> None:
    s = torch.linspace(-40, 40, 160_001, dtype=torch.float64)[:, None, None, None]
    for units, variance in ((Gaussian(), 1.0), (Gaussian(VARIANCE), VARIANCE)):
        integral = torch.trapezoid(torch.exp((s * INPUT - s.square() / 2) / variance), s, dim=0)
        torch.testing.assert_close(units.log_normaliser(INPUT), integral.log(), rtol=1e-9, atol=0)


def test_rectified_units_are_endless_rows_of_binary_ones() -> None:
    a = torch.linspace(-25, 25, 101, dtype=torch.float64)
    found = Rectified().log_normaliser(a)
    t = torch.linspace(0, 90, 900_001, dtype=torch.float64)
    for value, by_series in zip(a[::10], found[::10], strict=True):
        integral = torch.trapezoid(softplus(value - t), t)
        torch.testing.assert_close(by_series, integral, rtol=1e-8, atol=1e-9)
    row = torch.arange(1, 201, dtype=torch.float64) - 0.5
    summed = softplus(a[:, None] - row).sum(1)
    above = found - summed
    assert (above >= -1e-12).all()
    assert (above < 1 / 24 + 1e-8).all()
    mean_gap = Rectified().mean(a) - torch.sigmoid(a[:, None] - row).sum(1)
    assert mean_gap.abs().max() < 1 / 90


def test_words_are_summed_over_all_sequences() -> None:
    a = INPUT[:, :1]
    sequences = torch.tensor(list(product(range(3), repeat=5)))
    summed = a[0, 0][sequences].sum(1).logsumexp(0)
    units = Multinomial(torch.tensor([[5.0]], dtype=torch.float64))
    torch.testing.assert_close(units.log_normaliser(a)[0, 0, 0], summed)


def test_draws_have_the_moments_of_their_units() -> None:
    count = 200_000
    a = torch.tensor([-1.0, 0.2, 1.5], dtype=torch.float64).expand(1, count, 3)
    p = torch.sigmoid(a[0, 0])
    for units, mean, variance in (
        (Bernoulli(), p, p * (1 - p)),
        (Bernoulli(2), p, p * (1 - p) / 2),
        (Gaussian(), a[0, 0], torch.ones(3, dtype=torch.float64)),
        (Gaussian(VARIANCE), a[0, 0], VARIANCE[0]),
    ):
        states = units.sample(a, DRAWS, "states")[0]
        torch.testing.assert_close(states.mean(0), mean, rtol=0, atol=5 * (2 / count) ** 0.5)
        torch.testing.assert_close(states.var(0), variance, rtol=0.02, atol=0)
    assert set(Bernoulli(2).sample(a, DRAWS, "states").unique().tolist()) == {0.0, 0.5, 1.0}


def test_rectified_draws_are_normal_ones_cut_off_at_zero() -> None:
    """E max(0, N(a, s²)) = aΦ(a/s) + sφ(a/s) with s² = σ(a); far above 0 nothing is cut off."""
    count = 200_000
    a = torch.tensor([-2.0, 0.5, 6.0], dtype=torch.float64)
    states = Rectified().sample(a.expand(1, count, 3), DRAWS, "states")[0]
    assert states.min() == 0
    s = torch.sigmoid(a).sqrt()
    normal = torch.distributions.Normal(0.0, 1.0)
    mean = a * normal.cdf(a / s) + s * normal.log_prob(a / s).exp()
    torch.testing.assert_close(states.mean(0), mean, rtol=0, atol=5 / count**0.5)
    torch.testing.assert_close(states[:, 2].var(), torch.sigmoid(a[2]), rtol=0.02, atol=0)


def test_a_known_mean_gives_the_same_states() -> None:
    for units in (Bernoulli(), Bernoulli(2)):
        known = units.sample(INPUT, DRAWS, "states", units.mean(INPUT))
        assert torch.equal(known, units.sample(INPUT, DRAWS, "states"))


def test_an_input_of_nothing_costs_nothing() -> None:
    assert Bernoulli().log_normaliser(torch.zeros(1, 1, 1)).item() == pytest.approx(log(2))
