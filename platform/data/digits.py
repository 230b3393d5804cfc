"""1 797 handwritten digits, 8x8 pixels: small enough for a first study on a laptop."""

from __future__ import annotations

import gzip
import importlib.util
import io
from pathlib import Path

import numpy as np

from ..errors import DataError
from .source import Samples

NAME = "digits"
SHAPE = "8x8 grey pixels from 0 to 1"
SAMPLES = 1797
LICENCE = "CC BY 4.0"
SOURCE = (
    "Alpaydin & Kaynak 1998, UCI ML Repository: Optical Recognition of Handwritten Digits, test"
)
REMEDY = "Install it anew: pip install --force-reinstall scikit-learn"

_LARGEST = 16.0  # a pixel counts the dark points of a 4x4 block


def where() -> Path | None:
    """Where the file lies: in scikit-learn's own folder. None without scikit-learn."""
    # Not imported: that takes more than a second, for the sake of one path.
    package = importlib.util.find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    return Path(folders[0], "datasets", "data", "digits.csv.gz") if folders else None


def read() -> Samples:
    """All digits. Raises DataError when scikit-learn is not installed or its file is damaged."""
    path = where()
    try:
        if path is None:
            raise FileNotFoundError("no package sklearn")
        with gzip.open(path) as stream:
            table = np.loadtxt(io.BytesIO(stream.read()), delimiter=",", dtype=np.float32)
        if table.shape != (SAMPLES, 65):
            raise ValueError(f"shape {table.shape}")
    except (OSError, EOFError, ValueError) as error:
        rule = "must be readable from scikit-learn's folder"
        raise DataError(NAME, rule, str(error), REMEDY) from error
    return Samples(table[:, :64], table[:, 64].astype(np.int64), _LARGEST, (8, 8))
