"""Files that do not come with layerwise: they lie in the folder ``LAYERWISE_DATA``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .archive import UNREADABLE, read_arrays

VARIABLE = "LAYERWISE_DATA"

Shape = tuple[int, ...]


def where(file: str) -> Path | None:
    """Where a file is looked for. None when the variable is not set."""
    folder = os.environ.get(VARIABLE)
    return Path(folder).expanduser() / file if folder else None


def arrays(
    name: str, file: str, wanted: Mapping[str, tuple[str, Shape]]
) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` in the folder. wanted: array → its type and shape.

    name: of the data set, in an error. Raises DataError when the file is missing or damaged, or an
    array is not of that type and shape.
    """
    path, remedy = _found(name, file)
    try:
        found = read_arrays(path, wanted)
    except UNREADABLE as error:
        raise DataError(str(path), "must be a readable .npz", str(error), remedy) from error
    for array, (kind, shape) in wanted.items():
        if array not in found or found[array].shape != shape or found[array].dtype != kind:
            got = f"{found[array].dtype} {found[array].shape}" if array in found else "none"
            raise DataError(str(path), f"{array} must be {kind} {shape}", got, remedy)
    return found


def words(name: str, file: str, key: str, count: int) -> tuple[str, ...]:
    """The ``count`` words that a ``.json`` in the folder lists under ``key``.

    Raises DataError when the file is missing, damaged, or lists something else.
    """
    path, remedy = _found(name, file)
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(str(path), f"must be JSON with {key}", str(error), remedy) from error
    if (
        not isinstance(listed, list)
        or len(listed) != count
        or not all(isinstance(word, str) for word in listed)
    ):
        raise DataError(str(path), f"{key} must list {count} words", type(listed).__name__, remedy)
    return tuple(listed)


def chosen(words: tuple[str, ...], numbers: NDArray[np.integer]) -> NDArray[np.str_]:
    """(n,) the word that each of (n,) ``numbers`` counts, from 0. Raises DataError beyond them."""
    if len(numbers) and int(numbers.max()) >= len(words):
        rule = f"must be from 0 to {len(words) - 1}"
        raise DataError("labels", rule, int(numbers.max()), "Its .npz and .json belong together")
    found: NDArray[np.str_] = np.asarray(words)[numbers]
    return found


def _found(name: str, file: str) -> tuple[Path, str]:
    path, remedy = where(file), f"Set {VARIABLE} to the folder that holds {file}"
    if path is None or not path.is_file():
        got = f"{VARIABLE} is not set" if path is None else f"no file {path}"
        raise DataError(name, f"needs {file} in the folder {VARIABLE}", got, remedy)
    return path, remedy
