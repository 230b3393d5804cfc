"""Pseudo-likelihood: how well each binary unit is foretold by all the others (Besag 1975)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ..draws import Draws
from ..measures import ROWS
from .gibbs import sampled


def log_pseudo_likelihood(
    free_energy: Callable[[Tensor], Tensor], x_TBV: Tensor, draws: Draws, purpose: str
) -> Tensor:
    """An unbiased estimate of Σ_i log p(v_i | the others) of each sample, (T, B), in nats.

    V · log σ(F(v with unit i turned over) − F(v)) for one unit i of each sample, drawn anew.

    Args:
        free_energy: F, (T, B, V) → (T, B).
        x_TBV: states, or the probabilities that they are drawn from.
    """
    visible = x_TBV.shape[-1]
    v_TBV = sampled(x_TBV, draws, f"{purpose}/states")
    unit = (draws.uniform(f"{purpose}/unit", x_TBV.shape[1], 1) * visible).long()
    unit = unit.clamp(max=visible - 1).expand(len(v_TBV), -1, -1)
    turned_TBV = v_TBV.scatter(-1, unit, 1 - v_TBV.gather(-1, unit))
    found: Tensor = visible * logsigmoid(free_energy(turned_TBV) - free_energy(v_TBV))
    return found


@torch.no_grad()
def mean_log_pseudo_likelihood(
    free_energy: Callable[[Tensor], Tensor], x_TNV: Tensor, draws: Draws
) -> Tensor:
    """The mean of :func:`log_pseudo_likelihood` over samples, (T,), in nats."""
    parts = [
        log_pseudo_likelihood(free_energy, x_TBV, draws, f"pseudo_likelihood/{part}")
        for part, x_TBV in enumerate(torch.split(x_TNV, ROWS, dim=1))
    ]
    return torch.cat(parts, dim=1).mean(-1)
