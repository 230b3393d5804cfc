"""Contrastive divergence between two neighbouring depths of a deep machine, with the doubling rule.

In a deep Boltzmann machine a middle layer has input from below and from above. A layer that is
pretrained alone stands for both by doubling: two copies of the layer below with tied weights while
it will have one above, and two copies of the units above while it will have a layer below
(Salakhutdinov & Hinton 2009, section 3.1):

p(h = 1 | v) = σ(c + up · vW),  p(v = 1 | h) = σ(b + down · hWᵀ)

with v and h the averages over their copies. ``up`` = ``down`` = 1 is the ordinary RBM.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from ..draws import Draws
from .gibbs import sampled
from .layered import Layers, Parameters, States, fall


class Contrast(NamedTuple):
    """What contrastive divergence gives: gradients by name, ⟨E⟩ data − ⟨E⟩ chain, the chain."""

    gradients: dict[str, Tensor]
    loss_T: Tensor
    chain: dict[int, Tensor]


def contrast(
    layers: Layers,
    parameters: Parameters,
    positive: States,
    draws: Draws,
    purpose: str,
    *,
    steps: int,
    up: int = 1,
    down: int = 1,
) -> Contrast:
    """⟨·⟩ under a chain of ``steps`` full Gibbs steps from the data, minus ⟨·⟩ under the data.

    The gradients are those of one copy: a doubled machine's likelihood has ``up · down`` times its
    weight's, ``up`` times its lower and ``down`` times its upper biases'.

    Args:
        positive: data of one depth, and the means of the depth above given them.
        purpose: names the draws.
        steps: the k of CD-k.
        up, down: how many copies of the lower and of the upper layers there are.
    """
    depth = max(layers[i].depth for i in positive)
    lower = [i for i in positive if layers[i].depth < depth]
    upper = {i: positive[i] for i in positive if layers[i].depth == depth}
    below: dict[int, Tensor] = {}
    for step in range(steps):
        above = {
            i: _average(down, f"{purpose}/{step}/{i}", partial(sampled, mean, draws))
            for i, mean in upper.items()
        }
        for i in lower:
            a_TBU = layers.inputs(parameters, i, above, times=down)
            draw = partial(layers[i].units.sample, a_TBU, draws)
            below[i] = _average(up, f"{purpose}/{step}/{i}", draw)
        upper = {i: torch.sigmoid(layers.inputs(parameters, i, below, times=up)) for i in upper}
    gradients = layers.slope_gap(positive, below | upper)
    return Contrast(gradients, fall(parameters, gradients), below | upper)


def _average(copies: int, purpose: str, draw: Callable[[str], Tensor]) -> Tensor:
    """The mean of that many states drawn apart, (T, B, units)."""
    state = draw(purpose)
    for copy in range(1, copies):
        state = state + draw(f"{purpose}/{copy}")
    return state if copies == 1 else state / copies
