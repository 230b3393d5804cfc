"""Slopes in terms of outputs are the derivatives."""

from __future__ import annotations

import pytest
import torch

from layerwise.models.activations import ACTIVATIONS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_is_the_derivative(name: str) -> None:
    activation = ACTIVATIONS[name]
    a = torch.linspace(-4, 4, 100, dtype=torch.float64, requires_grad=True)
    h = activation.apply(a)
    (derivative,) = torch.autograd.grad(h.sum(), a)
    torch.testing.assert_close(activation.slope(h.detach()), derivative, rtol=1e-12, atol=1e-14)
    assert activation.gain > 0
