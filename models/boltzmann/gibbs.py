"""Drawing the states of a Gibbs chain, and the correlations that learning compares."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from ..trial_axis import indicator, product

# Words drawn under one purpose: a document's draws do not depend on the longest one beside it.
_WORDS = 64


def correlation(v_TBV: Tensor, h_TBH: Tensor) -> Tensor:
    """mean_b v hᵀ, (T, V, H)."""
    return product(v_TBV.mT, h_TBH) / h_TBH.shape[1]


def correlation_gap(
    v_TBV: Tensor, h_TBH: Tensor, other_v_TBV: Tensor, other_h_TBH: Tensor
) -> Tensor:
    """mean_b v hᵀ of the first states less that of the others, (T, V, H).

    The batches may differ in length. The second product is accumulated onto the first, which
    saves three passes over the weights.
    """
    gap_TVH = product(other_v_TBV.mT, other_h_TBH)
    rows, other_rows = h_TBH.shape[1], other_h_TBH.shape[1]
    v_TBV = v_TBV.expand(len(gap_TVH), -1, -1)
    return gap_TVH.baddbmm_(v_TBV.mT, h_TBH, beta=-1 / other_rows, alpha=1 / rows)


def sampled(probability: Tensor, draws: Draws, purpose: str) -> Tensor:
    """Bernoulli states of these probabilities (T, B, units), same shape."""
    return indicator(torch.lt, draws.uniform(purpose, *probability.shape[1:]), probability)


def multinomial(probability_TBV: Tensor, length_TB: Tensor, draws: Draws, purpose: str) -> Tensor:
    """How often each of V words is drawn in D independent draws, (T, B, V), summing to D exactly.

    Args:
        probability_TBV: of each word, summing to 1.
        length_TB: D, whole numbers from 0, (1 or T, B).
    """
    trials, batch, words = probability_TBV.shape
    cumulative = probability_TBV.cumsum(-1)
    # The last edge is 1 exactly, so that every u < 1 lies below it.
    cumulative = (cumulative / cumulative[..., -1:]).contiguous()
    counts = torch.zeros_like(probability_TBV)
    for first in range(0, int(length_TB.max()), _WORDS):
        u = draws.uniform(f"{purpose}/{first}", batch, _WORDS).expand(trials, -1, -1).contiguous()
        # NaN lies below no edge: a trial that diverges must not stop its siblings.
        word = torch.searchsorted(cumulative, u, right=True).clamp_(max=words - 1)
        place = torch.arange(first, first + _WORDS, device=u.device)
        said = indicator(torch.lt, place.to(length_TB.dtype), length_TB[..., None])
        counts.scatter_add_(-1, word, said.expand(word.shape))
    return counts
