"""The two forms in which MNIST and the data sets made in its image are handed on.

An ``.npz`` with x_train, y_train, x_test and y_test, or four IDX files, gzipped or not, in a folder
that is called like the data set. They are looked for in ``LAYERWISE_DATA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from . import archive, data_folder, idx
from .published import PUBLISHED
from .source import Samples

SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}

IDX_FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


@dataclass(frozen=True)
class MnistFiles:
    """60 000 images for training and 10 000 for test, 28x28 grey pixels each, of ten classes.

    first: the first training labels; the files of one data set are called like those of the other.
    """

    name: str
    first: tuple[int, ...]

    @property
    def remedy(self) -> str:
        """What to do where it is not found."""
        variable, url = data_folder.VARIABLE, PUBLISHED[self.name][0].url
        fetch = f"layerwise data fetch {self.name}"
        return f"Set {variable} to a folder and write: {fetch} (from {url.rpartition('/')[0]})"

    def where(self) -> Path | None:
        """The .npz, or the folder with IDX files where that is there and the .npz is not.

        None when LAYERWISE_DATA is not set.
        """
        npz = data_folder.where(f"{self.name}.npz")
        if npz is None or npz.is_file():
            return npz
        for folder in (npz.with_suffix(""), npz.parent):
            if all(_idx_file(folder, array).is_file() for array in IDX_FILES) and (
                folder != npz.parent or self._is_its_own(folder)
            ):
                return folder
        return npz

    def read(self) -> tuple[Samples, Samples]:
        """Those for training and the published test set.

        Raises DataError when the files are missing, damaged, or not the published ones' shape.
        """
        path = self.where()
        if path is None or not path.exists():
            got = f"{data_folder.VARIABLE} is not set" if path is None else f"no file {path}"
            rule = f"needs {self.name}.npz in the folder {data_folder.VARIABLE}"
            raise DataError(self.name, rule, got, self.remedy)
        found = self._read_idx(path) if path.is_dir() else self._read_npz(path)
        for array, shape in SHAPES.items():
            if array not in found or found[array].shape != shape or found[array].dtype != np.uint8:
                got = f"{found[array].dtype} {found[array].shape}" if array in found else "none"
                raise DataError(str(path), f"{array} must be uint8 {shape}", got, self.remedy)
        if tuple(found["y_train"][: len(self.first)]) != self.first:
            rule = f"must be {self.name}, whose first labels are {_listed(self.first)}"
            got = _listed(found["y_train"][: len(self.first)])
            raise DataError(str(path), rule, got, self.remedy)
        return _samples(found, "train"), _samples(found, "test")

    def _read_npz(self, path: Path) -> dict[str, NDArray[Any]]:
        try:
            return archive.read_arrays(path, SHAPES)
        except archive.UNREADABLE as error:
            rule = "must be a readable .npz"
            raise DataError(str(path), rule, str(error), self.remedy) from error

    def _read_idx(self, folder: Path) -> dict[str, NDArray[Any]]:
        found = {}
        for array in IDX_FILES:
            path = _idx_file(folder, array)
            try:
                found[array] = idx.read(path)
            except idx.UNREADABLE as error:
                rule = "must be a readable IDX file"
                raise DataError(str(path), rule, str(error), self.remedy) from error
        return found

    def _is_its_own(self, folder: Path) -> bool:
        try:
            labels = idx.read(_idx_file(folder, "y_train"))
        except idx.UNREADABLE:
            return False
        return tuple(labels.ravel()[: len(self.first)]) == self.first


def _idx_file(folder: Path, array: str) -> Path:
    plain = folder / IDX_FILES[array]
    return plain if plain.is_file() else plain.with_name(f"{plain.name}.gz")


def _samples(found: dict[str, NDArray[Any]], split: str) -> Samples:
    x, labels = found[f"x_{split}"], found[f"y_{split}"]
    return Samples(x.reshape(len(x), -1), labels.astype(np.int64), 255.0, (28, 28))


def _listed(labels: Any) -> str:
    return " ".join(map(str, labels))
