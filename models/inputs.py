"""What the inputs of a trained network are, kept beside its weights in ``inputs.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, near_miss

INPUTS = "inputs.json"
# Of the names in a message; a table may have thousands.
_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class Inputs:
    """The rows that a network takes.

    visible: numbers in a row, V. image_shape: (height, width) of a row that is an image, of
    ``channels`` planes, one after the other. features: V names, or none. modalities: name and width
    of each kind of input that stand side by side in a row; the image is then the first of them.
    offset, factor: (V,) both or none; the network was trained on (row − offset) · factor, and where
    it is ``clipped``, on what that gives between 0 and 1. example: one row (V,), in the units that
    the network was trained on.
    """

    visible: int
    image_shape: tuple[int, int] | None = None
    channels: int = 1
    features: tuple[str, ...] = ()
    modalities: tuple[tuple[str, int], ...] = ()
    offset: NDArray[np.float64] | None = None
    factor: NDArray[np.float64] | None = None
    clipped: bool = False
    example: NDArray[np.float32] | None = None

    def write(self, folder: Path) -> Path:
        """Write ``inputs.json`` into an existing folder; returns its path."""
        path = folder / INPUTS
        text = json.dumps(self.mapping(), indent=1, allow_nan=False, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def mapping(self) -> dict[str, Any]:
        """The same in JSON's types."""
        scaling = None
        if self.offset is not None and self.factor is not None:
            scaling = {
                "offset": self.offset.tolist(),
                "factor": self.factor.tolist(),
                "clipped": self.clipped,
            }
        return {
            "visible": self.visible,
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "channels": self.channels,
            "features": list(self.features),
            "modalities": [{"name": name, "width": width} for name, width in self.modalities],
            "scaling": scaling,
            "example": None if self.example is None else self.example.tolist(),
        }

    @classmethod
    def read(cls, folder: Path) -> Inputs | None:
        """What stands in a folder's ``inputs.json``; None where there is none.

        Raises:
            InputError: the file is damaged.
        """
        path = folder / INPUTS
        if not path.is_file():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            shape, scaling, example = found["image_shape"], found["scaling"], found["example"]
            return cls(
                visible=int(found["visible"]),
                image_shape=None if shape is None else (int(shape[0]), int(shape[1])),
                channels=int(found["channels"]),
                features=tuple(map(str, found["features"])),
                modalities=tuple((str(m["name"]), int(m["width"])) for m in found["modalities"]),
                offset=None if scaling is None else np.asarray(scaling["offset"], dtype=float),
                factor=None if scaling is None else np.asarray(scaling["factor"], dtype=float),
                clipped=scaling is not None and bool(scaling["clipped"]),
                example=None if example is None else np.asarray(example, dtype=np.float32),
            )
        except (ValueError, TypeError, KeyError, IndexError) as error:
            rule = "must say what a network's inputs are"
            raise InputError(str(path), rule, f"{type(error).__name__}: {error}") from error

    def scaled(self, x: ArrayLike) -> NDArray[np.float64]:
        """Rows (N, V) of a person's own table in the units that the network was trained on."""
        x_NV = np.asarray(x, dtype=float)
        if self.offset is None or self.factor is None:
            return x_NV
        scaled_NV = (x_NV - self.offset) * self.factor
        return np.clip(scaled_NV, 0.0, 1.0) if self.clipped else scaled_NV

    def unscaled(self, x: ArrayLike) -> NDArray[np.float64]:
        """The reverse of :meth:`scaled`; an input that never varied comes back as its offset."""
        x_NV = np.asarray(x, dtype=float)
        if self.offset is None or self.factor is None:
            return x_NV
        kept = self.factor != 0
        inverse = np.divide(1.0, self.factor, out=np.zeros_like(self.factor), where=kept)
        return x_NV * inverse + self.offset

    def described(self) -> str:
        """What a row is, in words: "rows of 64 numbers (an image of 8 × 8, row by row)"."""
        about = []
        if self.image_shape is not None:
            height, width = self.image_shape
            planes = f"{self.channels} planes of {height} × {width}, one after the other"
            image = planes if self.channels > 1 else f"{height} × {width}, row by row"
            about.append(f"an image of {image}")
        if self.modalities:
            sides = ", then ".join(f"{width} of {name}" for name, width in self.modalities)
            about.append(sides)
        if self.features:
            about.append(_listed(self.features))
        return f"rows of {self.visible} numbers" + (f" ({'; '.join(about)})" if about else "")

    def matrix(self, rows: Any) -> NDArray[np.float64]:
        """Rows as they come, from a person or over a wire, as a finite matrix (N, V).

        Args:
            rows: a matrix, nested lists, or a table with named columns (a DataFrame, or a mapping
                from names to columns). Where the inputs have names, named columns are put in the
                order of the training, and those with other names are left out.

        Raises:
            InputError: another width, a column that is missing, or an entry that is no finite
                number; says which, and what a row is.
        """
        names, table = self._columns(rows)
        try:
            array = np.asarray(table)
        except ValueError as error:
            got = "rows that differ in length"
            raise InputError("rows", f"must be {self.described()}", got) from error
        if not array.size:
            raise InputError("rows", "must be one row or more", "none")
        if array.ndim != 2 or array.shape[1] != self.visible:
            raise InputError("rows", f"must be {self.described()}", *_shape(array))
        if array.dtype.kind in "OUS":
            array = _numbers(array, names)
        if array.dtype.kind not in "biuf":
            raise InputError("rows", "must be numbers", array.dtype.name)
        matrix = array.astype(float)
        bad = np.argwhere(~np.isfinite(matrix))
        if len(bad):
            row, column = bad[0].tolist()
            where = _place(row, column, names)
            raise InputError(where, "must be a finite number", float(matrix[row, column]))
        return matrix

    def _columns(self, rows: Any) -> tuple[Sequence[str], Any]:
        """The names of the columns that are taken, where they have any, and the columns."""
        columns = list(rows) if isinstance(rows, Mapping) else getattr(rows, "columns", None)
        if columns is None:
            return self.features, rows
        if self.features and any(isinstance(name, str) for name in columns):
            missing = [name for name in self.features if name not in set(columns)]
            if missing:
                others = [str(name) for name in columns if name not in set(self.features)]
                close = near_miss(missing[0], others)
                remedy = f"Did you mean column {close!r}?" if close else None
                rule = f"must have the columns {_listed(self.features)}"
                raise InputError("rows", rule, f"none named {_listed(missing)}", remedy)
            return self.features, _side_by_side(rows, self.features)
        names = list(map(str, columns))
        return names, _side_by_side(rows, columns) if isinstance(rows, Mapping) else rows


def _side_by_side(table: Any, names: Sequence[Any]) -> Any:
    columns = [np.asarray(table[name]) for name in names]
    if len({column.shape for column in columns}) > 1 or any(c.ndim != 1 for c in columns):
        raise InputError("rows", "must have columns of one length, each with a name of its own")
    return np.stack([column.astype(object) for column in columns], 1) if columns else []


def _numbers(array: NDArray[Any], names: Sequence[str]) -> NDArray[np.float64]:
    """Python's own objects as numbers; text is none, whatever it says, and null is NaN."""
    entries = [
        (row, column, entry)
        for row, line in enumerate(array.tolist())
        for column, entry in enumerate(line)
        if not (entry is None or isinstance(entry, int | float))
    ]
    # NumPy writes numbers beside a text as texts: what is not even that is what was meant.
    for row, column, entry in sorted(entries, key=lambda found: _reads_as_number(found[2])):
        raise InputError(_place(row, column, names), "must be a number", entry)
    return array.astype(float)


def _reads_as_number(entry: Any) -> bool:
    try:
        float(entry)
    except (TypeError, ValueError):
        return False
    return True


def _place(row: int, column: int, names: Sequence[str]) -> str:
    named = names[column] if column < len(names) else ""
    return f"row {row}, column {column}" + (f" ({named})" if named else "")


def _shape(array: NDArray[Any]) -> tuple[str, str | None]:
    """What was found in the place of a matrix of the right width, and what to do about it."""
    if array.ndim == 2:
        return f"rows of {array.shape[1]}", None
    if array.ndim == 1:
        return f"a list of {array.size}", "A single row stands in a list of rows: [[…]]."
    return f"an array of shape {array.shape}", None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
