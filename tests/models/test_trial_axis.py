"""Wide products are the small ones, and layouts survive."""

from __future__ import annotations

import pytest
import torch

from layerwise.models.trial_axis import affine, chosen, column, indicator, interleaved, product

T, B, V, H = 4, 5, 3, 2


def normal(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("leading", [1, T])
@pytest.mark.parametrize("layout", [interleaved, torch.clone])
def test_products_are_those_of_each_trial(leading: int, layout: object) -> None:
    x, bias = normal(leading, B, V), normal(T, H)
    weight = interleaved(normal(T, V, H)) if layout is interleaved else normal(T, V, H)
    for found, shift in [(product(x, weight), 0 * bias), (affine(x, weight, bias), bias)]:
        assert found.shape == (T, B, H)
        for trial in range(T):
            expected = x[trial % leading] @ weight[trial] + shift[trial]
            torch.testing.assert_close(found[trial], expected, rtol=1e-12, atol=1e-14)


def test_one_trial_of_its_own_input() -> None:
    x, weight, bias = normal(1, B, V), normal(1, V, H), normal(1, H)
    torch.testing.assert_close(affine(x, weight, bias)[0], x[0] @ weight[0] + bias[0])


def test_interleaving_moves_memory_and_not_values() -> None:
    weight = normal(T, V, H)
    moved = interleaved(weight)
    assert torch.equal(moved, weight)
    assert moved.permute(1, 0, 2).is_contiguous()


def test_a_choice_of_trials_keeps_the_layout() -> None:
    trials = torch.tensor([2, 0])
    for weight in (normal(T, V, H), interleaved(normal(T, V, H)), normal(T, H)):
        found = chosen(weight, trials)
        assert torch.equal(found, weight[trials])
        assert found.is_contiguous() == weight.is_contiguous()
        assert chosen(weight, trials[:0]).shape == (0, *weight.shape[1:])


def test_a_column_multiplies_each_trial_by_its_number() -> None:
    number, value = normal(T), normal(T, B, V)
    expected = torch.stack([n * v for n, v in zip(number, value, strict=True)])
    assert torch.equal(column(number, value) * value, expected)


def test_an_indicator_is_a_number() -> None:
    found = indicator(torch.lt, torch.tensor([[0.1, 0.5, 0.9]]), torch.tensor([[0.5], [0.95]]))
    assert found.tolist() == [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
