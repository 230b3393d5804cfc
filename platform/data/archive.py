"""Arrays in NumPy's own files, read without ever running what a file says."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

# What a damaged, truncated or pickled file raises.
UNREADABLE = (OSError, EOFError, ValueError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def unreadable(path: Path, error: Exception) -> DataError:
    """What to say of a file that raised one of UNREADABLE."""
    rule = f"must be a readable {path.suffix} file"
    pickled = "pickle" in str(error) or "Python objects" in str(error)
    remedy = "Save it anew as numbers: pickles are refused, they can run anything"
    remedy = remedy if pickled else "Check that it was copied whole"
    return DataError(str(path), rule, str(error), remedy)


def array_names(path: Path) -> list[str]:
    """The arrays of an ``.npz``. Raises one of UNREADABLE."""
    with zipfile.ZipFile(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_arrays(path: Path, wanted: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Those of the ``wanted`` arrays that an ``.npz`` holds. Raises one of UNREADABLE."""
    # numpy.load leaves a file open that is no archive.
    with zipfile.ZipFile(path) as archive:
        found = {}
        for name in wanted:
            if f"{name}.npy" in archive.namelist():
                with archive.open(f"{name}.npy") as stream:
                    found[name] = np.lib.format.read_array(stream, allow_pickle=False)
    return found


def map_array(path: Path) -> NDArray[Any]:
    """The array of an ``.npy``, read from the disk as it is used. Raises one of UNREADABLE."""
    with open(path, "rb") as stream:
        array: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
        # What is shorter than a page may be mapped though it was cut.
        if stream.seek(0, 2) < array.offset + array.nbytes:  # type: ignore[attr-defined]
            raise ValueError("the file is shorter than its array")
    return array
