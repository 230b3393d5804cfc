"""What must hold before anybody trains on a table, said with the place where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError


def check(where: str, x: NDArray[Any], labels: NDArray[Any] | None = None) -> None:
    """Raise DataError unless ``x`` is a (samples, inputs) table of finite numbers.

    labels: (samples,) numbers or text, or None.
    """
    check_shape(where, x.dtype, x.shape)
    check_finite(where, x)
    if labels is not None and (labels.shape != (len(x),) or labels.dtype.kind not in "biufU"):
        rule = f"labels must be {len(x)} numbers or words, one for each sample"
        got = f"type {labels.dtype}, shape {labels.shape}"
        raise DataError(where, rule, got, "Leave them out, or bring one for each row")
    if labels is not None and labels.dtype.kind == "f" and not np.isfinite(labels).all():
        row = int(np.argwhere(~np.isfinite(labels))[0, 0])
        got = f"{labels[row]} at row {row} (from 0)"
        raise DataError(where, "labels must be finite", got, "Remove such samples first")


def check_shape(where: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """Raise DataError unless an array of that type and shape is a (samples, inputs) table."""
    if dtype.kind not in "biuf":
        remedy = "Turn text into numbers, and complex numbers into two columns, first"
        raise DataError(where, "must hold real numbers", f"type {dtype}", remedy)
    if len(shape) != 2:
        remedy = "Give every sample one row: x.reshape(len(x), -1)"
        raise DataError(where, "must be 2-D (samples, inputs)", f"shape {shape}", remedy)
    if 0 in shape:
        rule = "must have at least one sample and one input"
        raise DataError(where, rule, f"shape {shape}", "Bring some data")


def check_finite(where: str, x: NDArray[Any], first: int = 0) -> None:
    """Raise DataError, with row and column, unless float32 can hold every number of ``x`` (n, V).

    first: the row of the table that the first row of ``x`` is.
    """
    # The largest float32; beyond it, the cast would make infinity of a finite number.
    most = np.finfo(np.float32).max
    # A maximum is NaN when a NaN is in it: two passes, and no table of booleans on the way.
    if x.dtype.kind != "f" or (np.max(x) <= most and np.min(x) >= -most):
        return
    row, column = (int(i) for i in np.argwhere(~(np.abs(x) <= most))[0])
    remedy = "Remove or fill in such samples first"
    rule = "must hold finite numbers that float32 can hold"
    got = f"{x[row, column]} at row {first + row}, column {column} (from 0)"
    raise DataError(where, rule, got, remedy)
