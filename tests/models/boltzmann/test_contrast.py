"""Contrastive divergence with and without doubling, against enumerated copies."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from layerwise.models.boltzmann.contrast import contrast
from layerwise.models.boltzmann.layered import Layers, chain_of_layers
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.draws import Draws

COPIES = 60_000
WIDTHS = (4, 3)
LAYERS = chain_of_layers(WIDTHS)


def parameters() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(2)

    def normal(*shape: int) -> Tensor:
        return torch.randn(1, *shape, generator=generator, dtype=torch.float64)

    return {
        "visible_bias": normal(4), "1.hidden_bias": normal(3), "1.weight": normal(4, 3),
    }  # fmt: skip


def bernoulli(states: Tensor, p: Tensor) -> Tensor:
    """Probabilities of all states (S, U) for each row of p (N, U), (N, S)."""
    return (states * p[:, None] + (1 - states) * (1 - p[:, None])).prod(-1)


def averages(width: int, copies: int) -> Tensor:
    """The average of that many copies, for all their states together."""
    return binary_states(copies * width).view(-1, copies, width).mean(1)


@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("steps", [1, 2])
def test_the_chain_is_that_of_copies_with_tied_weights(up: int, down: int, steps: int) -> None:
    p = parameters()
    weight, b, c = p["1.weight"][0], p["visible_bias"][0], p["1.hidden_bias"][0]
    v = torch.tensor([1.0, 0.0, 1.0, 1.0], dtype=torch.float64)

    def hidden(lower: Tensor) -> Tensor:
        return torch.sigmoid(c + up * lower @ weight)

    # Every copy is drawn on its own, so all their states are enumerated together.
    lowers, uppers = averages(4, up), averages(3, down)
    on_high = binary_states(3 * down)
    on_low = binary_states(4 * up)
    given_upper = bernoulli(on_low, torch.sigmoid(b + down * uppers @ weight.T).repeat(1, up))
    given_lower = bernoulli(on_high, hidden(lowers).repeat(1, down))
    after = bernoulli(on_high, hidden(v[None]).repeat(1, down)) @ given_upper
    for _ in range(steps - 1):
        after = after @ given_lower @ given_upper
    upper_mean, data = hidden(lowers), hidden(v[None])[0]
    expected = {
        "1.weight": lowers.T @ (after[0][:, None] * upper_mean) - torch.outer(v, data),
        "visible_bias": after[0] @ lowers - v,
        "1.hidden_bias": after[0] @ upper_mean - data,
    }

    rows = v.expand(1, COPIES, -1)
    found = contrast(
        LAYERS, p, {0: rows, 1: hidden(rows)}, Draws([0], dtype=torch.float64), "test",
        steps=steps, up=up, down=down,
    )  # fmt: skip
    for name, value in expected.items():
        # Five standard errors of a mean of numbers between 0 and 1.
        torch.testing.assert_close(
            found.gradients[name][0], value, rtol=0, atol=5 * 0.5 / COPIES**0.5
        )


def test_the_loss_is_the_difference_of_energies() -> None:
    p, v = parameters(), binary_states(4)[None]
    positive = {0: v, 1: torch.sigmoid(LAYERS.inputs(p, 1, {0: v}))}
    found = contrast(LAYERS, p, positive, Draws([0], dtype=torch.float64), "test", steps=1)
    data, chain = LAYERS.energy(p, positive), LAYERS.energy(p, found.chain)
    torch.testing.assert_close(found.loss_T, data.mean(1) - chain.mean(1))


def test_only_the_two_depths_take_part() -> None:
    layers: Layers = chain_of_layers((4, 3, 2))
    p = parameters() | {
        "2.weight": torch.full((1, 3, 2), torch.nan), "2.hidden_bias": torch.full((1, 2), torch.nan)
    }  # fmt: skip
    v = binary_states(4)[None]
    positive = {0: v, 1: torch.sigmoid(LAYERS.inputs(p, 1, {0: v}))}
    found = contrast(layers, p, positive, Draws([0], dtype=torch.float64), "test", steps=2)
    assert found.gradients.keys() == {"visible_bias", "1.weight", "1.hidden_bias"}
    assert all(value.isfinite().all() for value in found.gradients.values())
