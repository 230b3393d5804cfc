"""Bounds against sums over all states, and where they are equalities."""

from __future__ import annotations

import pytest
import torch
from made_machines import made_parameters
from torch import Tensor

from layerwise.models import InputError
from layerwise.models.boltzmann.bounds import (
    DirectedLayer,
    belief_network_bound,
    bernoulli_entropy,
    bernoulli_log_probability,
    exact_belief_network_bound,
)
from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition
from layerwise.models.boltzmann.machine import Machine, bernoulli_machine
from layerwise.models.draws import Draws

TRIALS = 3


def directed(visible: int, hidden: int, seed: int) -> DirectedLayer:
    """A layer whose recognition is not its generation turned round."""
    down = made_parameters(visible, hidden, TRIALS, seed=seed)
    up = made_parameters(visible, hidden, TRIALS, seed=seed + 100)
    return DirectedLayer(down["weight"], down["visible_bias"], up["weight"], up["hidden_bias"])


def draws() -> Draws:
    return Draws([0] * TRIALS, dtype=torch.float64)


def tied() -> tuple[DirectedLayer, Machine, Machine]:
    """An RBM, and the belief network it is: one directed layer under the RBM turned round."""
    given = made_parameters(5, 4, TRIALS)
    rbm = bernoulli_machine(given)
    layer = DirectedLayer(
        given["weight"], given["visible_bias"], given["weight"], given["hidden_bias"]
    )
    return layer, rbm.turned(), rbm


def exact_log_probability(v: Tensor, layers: list[DirectedLayer], top: Machine) -> Tensor:
    """log p(v) of a belief network by summing over every hidden state, (T, B)."""
    h = binary_states(top.weight_TVH.shape[1])[None]
    log_p = top.log_unnormalised(h) - exact_log_partition(top)[:, None]
    for layer in reversed(layers):
        width = layer.generative_bias.shape[1]
        below = v if layer is layers[0] else binary_states(width)[None]
        conditional = bernoulli_log_probability(
            below[:, :, None], layer.generated(h)[:, None]
        )  # (T, below, above)
        log_p = (conditional + log_p[:, None]).logsumexp(-1)
        h = below
    return log_p


def test_log_probabilities_sum_to_one_and_give_the_entropy() -> None:
    a = torch.tensor([[-30.0, 0.4, 2.0]], dtype=torch.float64)
    log_p = bernoulli_log_probability(binary_states(3), a)
    torch.testing.assert_close(log_p.logsumexp(-1).item(), 0.0, rtol=0, atol=1e-14)
    entropy = -(log_p.exp() * log_p).sum()
    torch.testing.assert_close(bernoulli_entropy(a.sigmoid())[0], entropy)
    assert bernoulli_entropy(torch.tensor([0.0, 1.0])).item() == 0


@pytest.mark.parametrize("samples", [1, 3])
def test_a_tied_second_layer_makes_the_bound_exact(samples: int) -> None:
    """Q is then the posterior: the bound is log p*(v), even from a single state drawn."""
    layer, top, rbm = tied()
    v = binary_states(5)[None]
    log_p = rbm.log_unnormalised(v)
    exact = exact_belief_network_bound(v, [layer], top.log_unnormalised)
    torch.testing.assert_close(exact, log_p, rtol=0, atol=1e-10)
    drawn = belief_network_bound(v, [layer], top.log_unnormalised, draws(), samples)
    torch.testing.assert_close(drawn, log_p, rtol=0, atol=1e-10)


@pytest.mark.parametrize("widths", [(4,), (4, 3)])
def test_belief_network_bounds_lie_below(widths: tuple[int, ...]) -> None:
    sizes = (5, *widths)
    layers = [directed(*sizes[i : i + 2], seed=i) for i in range(len(widths))]
    top = bernoulli_machine(made_parameters(sizes[-1], 6, TRIALS, seed=9))
    v = binary_states(5)[None]
    log_p = exact_log_probability(v, layers, top)
    torch.testing.assert_close(
        log_p.logsumexp(-1), torch.zeros(TRIALS).double(), atol=1e-10, rtol=0
    )
    log_z = exact_log_partition(top)[:, None]
    bound = exact_belief_network_bound(v, layers, top.log_unnormalised)
    assert (bound - log_z < log_p).all()
    drawn = belief_network_bound(v, layers, top.log_unnormalised, draws(), samples=4000)
    torch.testing.assert_close(drawn, bound, rtol=0, atol=0.3)
    torch.testing.assert_close(drawn.mean(1), bound.mean(1), rtol=0, atol=0.05)


def test_more_states_than_one_slice() -> None:
    layer = directed(3, 11, seed=4)
    top = bernoulli_machine(made_parameters(11, 2, TRIALS, seed=5))
    v, log_z = binary_states(3)[None], exact_log_partition(top)[:, None]
    bound = exact_belief_network_bound(v, [layer], top.log_unnormalised)
    assert (bound - log_z < exact_log_probability(v, [layer], top)).all()
    drawn = belief_network_bound(v, [layer], top.log_unnormalised, draws(), samples=2000)
    torch.testing.assert_close(drawn.mean(1), bound.mean(1), rtol=0, atol=0.2)


def test_layers_too_wide_to_sum_over_are_refused() -> None:
    layer = directed(3, 21, seed=6)
    top = bernoulli_machine(made_parameters(21, 2, TRIALS))
    with pytest.raises(InputError, match="at most 20 units, but got 21"):
        exact_belief_network_bound(binary_states(3)[None], [layer], top.log_unnormalised)
