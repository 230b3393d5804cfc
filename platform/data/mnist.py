"""MNIST: 70 000 handwritten digits, 28x28 pixels, the field's common ground.

The published test set of 10 000 is ``test``, so that numbers can be compared with papers; the
share ``test`` of a study has no say in it. ``validation`` is a share of the 60 000.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .archive import UNREADABLE, read_arrays
from .source import Samples

NAME = "mnist"
SHAPE = "28x28 grey pixels from 0 to 1"
SAMPLES = 70_000
LICENCE = "CC BY-SA 3.0"
SOURCE = "LeCun, Cortes & Burges 1998: The MNIST database of handwritten digits"

_FILE = "mnist.npz"
_ARRAYS = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
_REMEDY = (
    f"Set LAYERWISE_DATA to a folder with {_FILE}, for example the one at "
    f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{_FILE}"
)


def where() -> Path | None:
    """Where the file is looked for: in the folder LAYERWISE_DATA. None when that is not set."""
    folder = os.environ.get("LAYERWISE_DATA")
    return Path(folder).expanduser() / _FILE if folder else None


def read() -> tuple[Samples, Samples]:
    """The 60 000 and the published test set of 10 000.

    Raises DataError when the file is missing, damaged, or not the published one's shape.
    """
    path = where()
    if path is None or not path.is_file():
        got = "LAYERWISE_DATA is not set" if path is None else f"no file {path}"
        raise DataError(NAME, f"needs {_FILE} in the folder LAYERWISE_DATA", got, _REMEDY)
    try:
        found = read_arrays(path, _ARRAYS)
    except UNREADABLE as error:
        raise DataError(str(path), "must be a readable .npz", str(error), _REMEDY) from error
    for name, shape in _ARRAYS.items():
        if name not in found or found[name].shape != shape or found[name].dtype != np.uint8:
            got = f"{found[name].dtype} {found[name].shape}" if name in found else "none"
            raise DataError(str(path), f"{name} must be uint8 {shape}", got, _REMEDY)
    return _samples(found, "train"), _samples(found, "test")


def _samples(found: dict[str, NDArray[Any]], split: str) -> Samples:
    x, labels = found[f"x_{split}"], found[f"y_{split}"]
    return Samples(x.reshape(len(x), -1), labels.astype(np.int64), 255.0, (28, 28))
