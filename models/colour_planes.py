"""Luma on the trial axis: rows that are three colour planes, red, green and blue, one by one.

L x = (w·x, w·x, w·x) with w = (0.299, 0.587, 0.114) is the grey image on all three planes (luma of
ITU-R BT.601), and x − L x its chroma; L L = L, as w sums to 1. P is the pixels of a plane, V = 3 P.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .colouring import LUMA, PLANES
from .errors import InputError
from .trial_axis import column


def require_planes(where: str, visible: int) -> None:
    """Check that a row of ``visible`` numbers can be three planes of one size.

    Raises:
        InputError: it cannot.
    """
    if visible % PLANES:
        rule = "needs images of three colour planes, a width that 3 divides, to take colour from"
        raise InputError(where, rule, f"{visible} inputs", "Or take another `corruption.kind`.")


def luma(x_TBV: Tensor) -> Tensor:
    """w·x of each pixel, (T, B, P)."""
    red, green, blue = x_TBV.chunk(PLANES, -1)
    return torch.add(LUMA[0] * red, green, alpha=LUMA[1]).add_(blue, alpha=LUMA[2])


def on_all_planes(grey_TBP: Tensor) -> Tensor:
    """A grey image as one of three planes, (T, B, V)."""
    return torch.cat([grey_TBP] * PLANES, -1)


class LumaCountsLess:
    """What is left of an error e when that of its luma counts less: M e = e − emphasis · L e.

    ``counting * error`` is MᵀM e, half the gradient of ‖M e‖². With an emphasis of 1 chroma alone
    counts: ‖M(r − x)‖² is the squared error of r once its luma has been put right.

    Args:
        emphasis_T: (1 or T,), from 0 to 1.
    """

    def __init__(self, emphasis_T: Tensor) -> None:
        self.emphasis_T = emphasis_T

    def of(self, error_TBV: Tensor) -> Tensor:
        """M e, (T, B, V)."""
        share = column(self.emphasis_T, error_TBV)
        return error_TBV - on_all_planes(share * luma(error_TBV))

    def __mul__(self, error_TBV: Tensor) -> Tensor:
        """MᵀM e, (T, B, V)."""
        counted_TBV = self.of(error_TBV)
        planes = counted_TBV.chunk(PLANES, -1)
        total_TBP = column(self.emphasis_T, error_TBV) * (planes[0] + planes[1] + planes[2])
        parts = [p - share * total_TBP for p, share in zip(planes, LUMA, strict=True)]
        return torch.cat(parts, -1)
