"""What every Gibbs chain of binary units needs."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from ..trial_axis import indicator, product


def correlation(v_TBV: Tensor, h_TBH: Tensor) -> Tensor:
    """mean_b v hᵀ, (T, V, H)."""
    return product(v_TBV.mT, h_TBH) / h_TBH.shape[1]


def sampled(probability: Tensor, draws: Draws, purpose: str) -> Tensor:
    """Bernoulli states of these probabilities (T, B, units), same shape."""
    return indicator(torch.lt, draws.uniform(purpose, *probability.shape[1:]), probability)
