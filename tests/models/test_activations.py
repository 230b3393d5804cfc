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


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_bend_is_how_the_slope_changes_with_the_output(name: str) -> None:
    activation = ACTIVATIONS[name]
    h = activation.apply(torch.linspace(-4, 4, 100, dtype=torch.float64)).requires_grad_()
    (derivative,) = torch.autograd.grad(
        activation.slope(h).sum() + 0 * h.sum(), h, materialize_grads=True
    )
    torch.testing.assert_close(activation.bend(h.detach()), derivative, rtol=1e-12, atol=1e-14)
