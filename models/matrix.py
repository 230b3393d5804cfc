"""What a person hands to a network: a matrix of samples, checked, as a tensor."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from .errors import InputError


def as_samples(x: ArrayLike, name: str, width: int | None, dtype: str) -> Tensor:
    """The samples as (1, N, V) of the given precision; the array stays the caller's.

    Args:
        x: a matrix (samples, visible) of real numbers.
        name: who asks, for the message.
        width: V, where it is known.
        dtype: "float32" or "float64".

    Raises:
        InputError: not a matrix, of another width, or with numbers that are not finite.
        TypeError: a sparse matrix, or entries that are no numbers at all.
    """
    if hasattr(x, "tocsr"):
        raise TypeError(
            f"{name}: needs a dense matrix, but got a sparse one. Sparse input is not supported: "
            "pass x.toarray()."
        )
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise InputError(name, "needs a matrix (samples, visible)", str(error)) from error
    if array.dtype.kind == "c":
        remedy = "Complex data not supported; pass real and imaginary parts as columns."
        raise InputError(name, "needs a matrix of real numbers", array.dtype.name, remedy)
    if array.dtype.kind == "O":
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise InputError(name, "needs a matrix of real numbers", array.dtype.name)
    if array.ndim != 2:
        remedy = "Reshape your data: x.reshape(1, -1) is one sample, x.reshape(-1, 1) one column."
        raise InputError(name, "needs a matrix (samples, visible)", array.shape, remedy)
    for axis, what in enumerate(("sample(s)", "feature(s)")):
        if not array.shape[axis]:
            found = f"0 {what} (shape={array.shape}) while a minimum of 1 is required."
            raise InputError(name, "needs a matrix (samples, visible)", remedy=f"Found {found}")
    if width is not None and array.shape[1] != width:
        rule = f"X has {array.shape[1]} features, but {name} is expecting {width} features as input"
        raise InputError(name, f"needs {width} columns", array.shape[1], f"{rule}.")
    with np.errstate(over="ignore"):
        converted = array.astype(dtype)
    bad = np.argwhere(~np.isfinite(converted))
    if len(bad):
        row, column = bad[0].tolist()
        raise InputError(
            name,
            f"needs numbers that are finite in {dtype}, neither NaN nor inf",
            array[row, column].item(),
            f"Row {row}, column {column}.",
        )
    return torch.from_numpy(converted)[None]
