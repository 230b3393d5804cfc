"""How sparse codes are: along the units of a sample, and along the samples of a unit."""

from __future__ import annotations

import torch
from torch import Tensor


def hoyer_sparsity(code_TBH: Tensor) -> Tensor:
    """(√H − ‖h‖₁/‖h‖₂)/(√H − 1) of each sample, (T, B) (Hoyer 2004, JMLR 5:1457, section 3).

    A code of one unit has sparsity 0, and so has a code that is zero throughout.
    """
    hidden = code_TBH.shape[-1]
    if hidden == 1:
        return torch.zeros_like(code_TBH[..., 0])
    root = hidden**0.5
    length = code_TBH.norm(dim=-1)
    ratio = torch.where(length > 0, code_TBH.abs().sum(-1) / length, root)
    sparsity: Tensor = (root - ratio) / (root - 1)
    return sparsity


def lifetime_sparsity(sum_TH: Tensor, square_sum_TH: Tensor, samples: int) -> Tensor:
    """How few samples each unit speaks to, (T, H): 0 alike to all, 1 to a single one.

    (1 − (Σ_n |h_n|/N)² / (Σ_n h_n²/N)) / (1 − 1/N)

    (Rolls & Tovee 1995, J. Neurophysiology 73:713; as scaled by Vinje & Gallant 2000, Science
    287:1273). It is written in sums, so that samples can come in slices. NaN for a unit that is
    silent on every sample, since nothing is known of its selectivity; 0 for a single sample.

    Args:
        sum_TH, square_sum_TH: Σ_n |h_n| and Σ_n h_n² of each unit.
        samples: N.
    """
    if samples == 1:
        return torch.where(square_sum_TH > 0, 0.0, torch.nan).to(sum_TH.dtype)
    alike_TH = sum_TH.square() / (samples * square_sum_TH)
    return (1 - alike_TH) / (1 - 1 / samples)
