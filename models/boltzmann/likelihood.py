"""Exact partition function of small machines, by enumerating the smaller side."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..errors import InputError

ENUMERABLE = 20
_CHUNK = 4096


@torch.no_grad()
def log_partition(parameters: Mapping[str, Tensor]) -> Tensor:
    """log Z = log Σ_v Σ_h exp(−E(v, h)) of a Bernoulli machine, (T,), in nats.

    With s the states of the smaller side, a its bias, W oriented from it and c the other side's
    bias, log Z = log Σ_s exp(aᵀs + Σ_j softplus(c_j + (sW)_j)). Summed in double precision.

    Args:
        parameters: ``weight`` (T, V, H), ``visible_bias`` (T, V) and ``hidden_bias`` (T, H).

    Raises:
        InputError: both sides have more than 20 units.
    """
    weight = parameters["weight"].double()
    own, other = parameters["visible_bias"].double(), parameters["hidden_bias"].double()
    visible, hidden = weight.shape[1:]
    if min(visible, hidden) > ENUMERABLE:
        raise InputError(
            "log_likelihood",
            f"is exact, so one side may have at most {ENUMERABLE} units",
            f"{visible} visible and {hidden} hidden ones",
        )
    if hidden < visible:
        weight, own, other = weight.mT, other, own
    parts = []
    for states in torch.split(binary_states(own.shape[1], weight.device), _CHUNK):
        linear = (states @ own.mT).mT
        free = softplus(states @ weight + other[:, None]).sum(-1)
        parts.append((linear + free).logsumexp(-1))
    return torch.stack(parts, -1).logsumexp(-1).to(parameters["weight"].dtype)


def binary_states(width: int, device: torch.device | None = None) -> Tensor:
    """All 2^width rows of zeros and ones, (2^width, width), in double precision."""
    count = torch.arange(2**width, device=device)
    return (count[:, None] >> torch.arange(width, device=device) & 1).double()
