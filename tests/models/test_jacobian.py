"""The Jacobian by automatic differentiation, its norm from random directions, and its spectrum."""

from __future__ import annotations

import math

import pytest
import torch

from layerwise.models.draws import Draws
from layerwise.models.jacobian import jacobian, singular_values, squared_jacobian_norm

TRIALS, ROWS = 2, 20_000


def deep_encoder() -> tuple[list[torch.Tensor], torch.Tensor]:
    """The weights of two tanh layers of two trials, 5-6-4, and an input of which every row is x."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(TRIALS, 5, 6), (TRIALS, 6, 4)]
    weights = [torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes]
    x = torch.tensor([0.3, -1.0, 0.7, 0.2, -0.1], dtype=torch.float64)
    return weights, x.expand(1, ROWS, 5)


def encode(x_TBV: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
    for weight in weights:
        x_TBV = torch.tanh(x_TBV @ weight)
    return x_TBV


def draws(step: int = 0) -> Draws:
    return Draws(range(TRIALS), epoch=1, step=step, dtype=torch.float64)


def test_of_a_linear_map_it_is_the_matrix() -> None:
    weight_TVH = torch.arange(24, dtype=torch.float64).view(2, 3, 4)
    x = torch.ones(1, 5, 3, dtype=torch.float64)
    found = jacobian(lambda x_TBV: x_TBV @ weight_TVH, x, trials=2)
    torch.testing.assert_close(found, weight_TVH.mT[:, None].expand(2, 5, 4, 3))


def test_of_a_square_it_is_twice_the_input() -> None:
    x = torch.tensor([[[1.0, -2.0]], [[3.0, 0.5]]])
    found = jacobian(torch.square, x, trials=2)
    torch.testing.assert_close(found, torch.diag_embed(2 * x))


@pytest.mark.parametrize("estimated", [False, True])
def test_it_works_where_gradients_are_off(estimated: bool) -> None:
    x = torch.ones(1, 1, 2)
    with torch.no_grad():
        found = (
            squared_jacobian_norm(torch.square, x, Draws([0]), "probe", probes=2)
            if estimated
            else jacobian(torch.square, x, trials=1)
        )
    assert not found.requires_grad
    assert found.square().sum() > 0


def test_the_estimate_is_unbiased_within_its_standard_error() -> None:
    """And has the variance of random signs, 2 Σ_{j≠k} (JJᵀ)²_jk over the number of probes."""
    weights, x = deep_encoder()
    found = jacobian(lambda v: encode(v, weights), x[:, :1], TRIALS)[:, 0]
    exact = found.square().sum((1, 2))
    gram = found @ found.mT
    variance = 2 * (gram.square().sum((1, 2)) - gram.diagonal(dim1=1, dim2=2).square().sum(-1))
    for probes in (1, 5):
        with torch.no_grad():
            estimate = squared_jacobian_norm(
                lambda v: encode(v, weights), x, draws(), "probe", probes
            )
        assert estimate.shape == (TRIALS, ROWS)
        error = estimate.std(1) / math.sqrt(ROWS)
        assert ((estimate.mean(1) - exact).abs() < 4 * error).all()
        torch.testing.assert_close(estimate.var(1), variance / probes, rtol=0.05, atol=0)


def test_it_is_a_penalty_whose_gradient_is_unbiased_too() -> None:
    weights, x = deep_encoder()
    for weight in weights:
        weight.requires_grad_()
    exact = torch.func.jacrev(lambda v: encode(v, weights))(x[:, :1].expand(TRIALS, 1, 5))
    norm = torch.stack([exact[t, 0, :, t, 0].square().sum() for t in range(TRIALS)]).sum()
    expected = torch.autograd.grad(norm, weights)
    found: list[list[torch.Tensor]] = [[], []]
    for step in range(30):
        few = squared_jacobian_norm(
            lambda v: encode(v, weights), x[:, :500], draws(step), "probe", probes=1
        )
        parts = torch.autograd.grad(few.mean(1).sum(), weights)
        for held, part in zip(found, parts, strict=True):
            held.append(part)
    for held, gradient in zip(found, expected, strict=True):
        estimates = torch.stack(held)
        error = estimates.std(0) / math.sqrt(len(held))
        assert ((estimates.mean(0) - gradient).abs() < 5 * error).all()
        assert (gradient.abs() > 20 * error).any(), "the test can tell the gradient from 0"


def test_of_one_hidden_unit_a_single_probe_is_exact() -> None:
    weight = torch.tensor([[[3.0], [4.0]]])
    found = squared_jacobian_norm(
        lambda x: x @ weight, torch.ones(1, 6, 2), Draws([1]), "probe", probes=1
    )
    torch.testing.assert_close(found, torch.full((1, 6), 25.0))


def test_singular_values_are_the_lengths_of_a_stretched_sphere() -> None:
    weights, x = deep_encoder()
    found = jacobian(lambda v: encode(v, weights), x[:, :3], TRIALS)
    values = singular_values(found)
    assert values.shape == (TRIALS, 3, 4)
    assert (values.diff(dim=-1) <= 0).all()
    torch.testing.assert_close(values.square().sum(-1), found.square().sum((2, 3)))
    stretched = singular_values(torch.diag(torch.tensor([1.0, 5.0, 2.0]))[None, None])
    torch.testing.assert_close(stretched[0, 0], torch.tensor([5.0, 2.0, 1.0]))
