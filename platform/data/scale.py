"""Inputs brought to one range or one variance, by what the training samples say.

x ↦ (x − offset) · factor for each input, where ``unit`` takes the least value as offset and one
over the range as factor, ``standardise`` the mean and one over the standard deviation. An input
that never varies in training has the factor 0. Validation and test have no say; what lies beyond
the range of training becomes 0 or 1 by ``unit``, since binary units take nothing else, and stays
beyond by ``standardise``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

KINDS = ("unit", "standardise")

# A split is never there twice.
_BLOCK_BYTES = 1 << 24


class Scaling(NamedTuple):
    """x ↦ (x − offset) · factor; offset, factor: (visible,) float64."""

    offset: NDArray[np.float64]
    factor: NDArray[np.float64]


def fitted(train: NDArray[np.float32], kind: str) -> Scaling:
    """The scaling that brings ``train`` (n, visible) to 0 … 1, or to mean 0 and variance 1.

    kind: one of KINDS.
    """
    if kind == "unit":
        offset = train.min(0).astype(np.float64)
        spread = train.max(0).astype(np.float64) - offset
    else:
        offset = train.mean(0, dtype=np.float64)
        spread = np.sqrt(_mean_square(train, offset))
        # A constant's mean is off by rounding, and nobody wants that blown up to variance 1.
        spread[train.min(0) == train.max(0)] = 0
    factor = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    return Scaling(offset, factor)


def apply(x: NDArray[np.float32], scaling: Scaling, kind: str) -> None:
    """Scale ``x`` (n, visible) where it stands, in a way that :func:`fitted` found."""
    for rows in _blocks(x):
        # In float64, so that the least and the largest training value are 0 and 1 exactly.
        x[rows] = (x[rows] - scaling.offset) * scaling.factor
    if kind == "unit":
        np.clip(x, 0, 1, out=x)


def _mean_square(x: NDArray[np.float32], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.zeros_like(mean)
    for rows in _blocks(x):
        total += np.square(x[rows] - mean).sum(0)
    return total / len(x)


def _blocks(x: NDArray[np.float32]) -> list[slice]:
    block = max(1, _BLOCK_BYTES // (8 * x.shape[1]))
    return [slice(start, start + block) for start in range(0, len(x), block)]
