"""Files of data that come with layerwise, in the folder ``bundled`` of this package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..errors import DataError
from .archive import UNREADABLE, read_arrays

FOLDER = Path(__file__).parent / "bundled"


def where(file: str) -> Path:
    """Where a file lies."""
    return FOLDER / file


def arrays(file: str, wanted: Iterable[str]) -> dict[str, NDArray[Any]]:
    """The arrays ``wanted`` of a file. Raises DataError when it is missing or damaged."""
    path, wanted = where(file), tuple(wanted)
    try:
        found = read_arrays(path, wanted)
        if missing := [name for name in wanted if name not in found]:
            raise ValueError(f"no array {missing[0]}")
    except UNREADABLE as error:
        rule, remedy = "must be as it came with layerwise", "Install layerwise anew"
        raise DataError(str(path), rule, str(error), remedy) from error
    return found
