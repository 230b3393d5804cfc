"""The trial axis: many networks of one shape as one tensor program.

Shape suffixes in this package: T trials, B batch, N samples, V visible, H hidden. A leading axis
of length 1 means "shared by every trial".
"""

from __future__ import annotations

import torch
from torch import Tensor


def product(x_TBV: Tensor, weight_TVH: Tensor) -> Tensor:
    """x W for every trial, shape (T, B, H).

    Where the trials share their input (leading axis 1) this is one wide matrix product,
    (B, V) × (V, T·H), instead of T small ones. A weight laid out by :func:`interleaved` enters it
    without a copy.
    """
    trials, visible, hidden = weight_TVH.shape
    if x_TBV.shape[0] == 1 and trials > 1:
        wide = weight_TVH.permute(1, 0, 2).reshape(visible, trials * hidden)
        return (x_TBV[0] @ wide).view(-1, trials, hidden).permute(1, 0, 2)
    return torch.bmm(x_TBV.expand(trials, -1, -1), weight_TVH)


def interleaved(weight_TVH: Tensor) -> Tensor:
    """The same weight, laid out in memory as (V, T, H), so that a shared input meets it as one matrix."""
    return weight_TVH.permute(1, 0, 2).contiguous().permute(1, 0, 2)


def column(number_T: Tensor, like: Tensor) -> Tensor:
    """A number per trial, shaped to multiply a tensor with a leading trial axis."""
    return number_T.view(-1, *([1] * (like.dim() - 1)))


def per_trial(value: Tensor, trials: int) -> Tensor:
    """Expand a leading axis of length 1 to the number of trials, without a copy."""
    return value.expand(trials, *value.shape[1:]) if value.shape[0] != trials else value
