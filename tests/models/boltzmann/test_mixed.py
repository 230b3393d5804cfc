"""Kinds of units side by side behave as each alone."""

from __future__ import annotations

import torch

from layerwise.models.boltzmann.mixed import Mixed
from layerwise.models.boltzmann.units import Bernoulli, Gaussian
from layerwise.models.draws import Draws


def test_each_kind_is_itself() -> None:
    units = Mixed((Gaussian(), Bernoulli()), (2, 3))
    a = torch.linspace(-2, 2, 30, dtype=torch.float64).view(2, 3, 5)
    for method in ("mean", "log_normaliser"):
        first = getattr(Gaussian(), method)(a[..., :2])
        second = getattr(Bernoulli(), method)(a[..., 2:])
        torch.testing.assert_close(getattr(units, method)(a), torch.cat([first, second], -1))


def test_states_have_the_means_and_variances_of_their_kinds() -> None:
    units = Mixed((Gaussian(), Bernoulli(), Gaussian()), (1, 2, 1))
    a = torch.tensor([0.5, -1.0, 2.0, -3.0], dtype=torch.float64).expand(1, 40_000, 4)
    states = units.sample(a, Draws([0], dtype=torch.float64), "states")
    mean, p = units.mean(a)[0, 0], torch.sigmoid(a[0, 0, 1:3])
    torch.testing.assert_close(states.mean(1)[0], mean, rtol=0, atol=0.025)
    variance = torch.tensor([1.0, *(p * (1 - p)).tolist(), 1.0], dtype=torch.float64)
    torch.testing.assert_close(states.var(1)[0], variance, rtol=0, atol=0.035)
    assert abs(torch.corrcoef(states[0, :, [0, 3]].T)[0, 1]) < 0.025
