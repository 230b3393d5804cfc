"""Exact likelihood of small machines, by enumerating the smaller side."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..errors import InputError
from .bernoulli_rbm import BernoulliRBM

ENUMERABLE = 20
_CHUNK = 4096


def binary_states(width: int, dtype: torch.dtype) -> Tensor:
    """All 2^width rows of zeros and ones, (2^width, width)."""
    count = torch.arange(2**width)
    return (count[:, None] >> torch.arange(width) & 1).to(dtype)


@torch.no_grad()
def log_partition(network: BernoulliRBM) -> Tensor:
    """log Z = log Σ_v Σ_h exp(−E(v, h)), (T,), in nats.

    Sums over the states of the smaller side; the other side is summed in closed form.

    Raises:
        InputError: both sides have more than 20 units.
    """
    hidden, visible = network.hidden, network.visible
    if min(hidden, visible) > ENUMERABLE:
        raise InputError(
            "log_partition", f"needs a side of at most {ENUMERABLE} units", (visible, hidden)
        )
    parts = []
    for states in binary_states(min(hidden, visible), network.dtype).split(_CHUNK):
        if visible <= hidden:
            parts.append(-network.free_energy(states[None]))
        else:
            parts.append(_negative_hidden_energy(network, states))
    return torch.cat([part.logsumexp(-1, keepdim=True) for part in parts], -1).logsumexp(-1)


def _negative_hidden_energy(network: BernoulliRBM, h_BH: Tensor) -> Tensor:
    """cᵀh + Σ_i softplus(b_i + (Wh)_i), (T, B)."""
    parameters = network.parameters
    inputs = h_BH @ parameters["weight"].mT + parameters["visible_bias"][:, None]
    return (h_BH @ parameters["hidden_bias"].mT).mT + softplus(inputs).sum(-1)
