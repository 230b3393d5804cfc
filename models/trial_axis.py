"""The trial axis: many networks of one shape as one tensor program.

Shape suffixes in this package: T trials, B batch, N samples, V visible, H hidden. A leading axis
of length 1 means "shared by every trial".
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def affine(x_TBV: Tensor, weight_TVH: Tensor, bias_TH: Tensor) -> Tensor:
    """x W + b for every trial, (T, B, H), from an input (1 or T, B, V)."""
    if _wide(x_TBV, weight_TVH):
        return _apart(torch.addmm(bias_TH.reshape(-1), x_TBV[0], _abreast(weight_TVH)), weight_TVH)
    return torch.baddbmm(bias_TH[:, None], x_TBV.expand(len(weight_TVH), -1, -1), weight_TVH)


def product(x_TBV: Tensor, weight_TVH: Tensor) -> Tensor:
    """x W for every trial, (T, B, H), from an input (1 or T, B, V)."""
    if _wide(x_TBV, weight_TVH):
        return _apart(x_TBV[0] @ _abreast(weight_TVH), weight_TVH)
    return torch.bmm(x_TBV.expand(len(weight_TVH), -1, -1), weight_TVH)


def interleaved(weight_TVH: Tensor) -> Tensor:
    """The same weight, laid out in memory as (V, T, H).

    So laid out, all trials' weights are one matrix (V, T·H), which a shared input meets without a
    copy.
    """
    return weight_TVH.permute(1, 0, 2).contiguous().permute(1, 0, 2)


def chosen(value: Tensor, trials: Tensor) -> Tensor:
    """The entries of these trials, by index, with the memory layout of the whole."""
    layout = torch.empty_like(value[: len(trials)])
    return torch.index_select(value, 0, trials, out=layout) if len(trials) else layout


def column(number_T: Tensor, like: Tensor) -> Tensor:
    """A number per trial, shaped to multiply a tensor with a leading trial axis."""
    return number_T.view(-1, *([1] * (like.dim() - 1)))


def indicator(compare: Callable[..., Tensor], left: Tensor, right: Tensor) -> Tensor:
    """[left < right], or another comparison, as the numbers 0 and 1; shapes broadcast.

    Writing the comparison into floating-point memory at once is several times faster than
    converting its truth values.
    """
    return compare(left, right, out=left.new_empty(0))


def _wide(x_TBV: Tensor, weight_TVH: Tensor) -> bool:
    """Whether trials share their input, so that T small products are one wide one."""
    return x_TBV.shape[0] == 1 and weight_TVH.shape[0] > 1


def _abreast(weight_TVH: Tensor) -> Tensor:
    """(V, T·H); no copy where the weight is :func:`interleaved`."""
    return weight_TVH.permute(1, 0, 2).reshape(weight_TVH.shape[1], -1)


def _apart(wide: Tensor, weight_TVH: Tensor) -> Tensor:
    """(B, T·H) as (T, B, H), without a copy."""
    trials, _, hidden = weight_TVH.shape
    return wide.view(-1, trials, hidden).permute(1, 0, 2)
