"""Tables in Apache Parquet files, as data frames are saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Columns, as_labels, place_of

# Pandas' name for the row numbers of a table that was filtered; they say nothing of a sample.
_ROW_NUMBERS = "__index_level_"


def read(path: Path, label: str | None = None) -> Columns:
    """The columns of numbers of a .parquet file, with the labels where a column holds them.

    Raises DataError with the column, and row (from 0), that is missing or no number, when no column
    is called ``label``, or when the file cannot be read.
    """
    # Pyarrow takes longer to import than most tables to read.
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path, partitioning=None)
    except (OSError, pyarrow.ArrowException) as error:
        remedy = "Check that it was copied whole"
        raise DataError(
            str(path), "must be a readable .parquet file", str(error), remedy
        ) from error
    names = [name for name in table.column_names if not name.startswith(_ROW_NUMBERS)]
    labels = None
    if label is not None:
        del names[place_of(str(path), label, names)]
        labels = _labels(path, label, table.column(label))
    kinds = {_kind(path, name, table.schema.field(name).type) for name in names}
    # Floats of one size stay as they are; anything wider than float32 can tell is kept whole.
    dtype = np.result_type(*kinds) if kinds else np.dtype(np.float64)
    x = np.empty((table.num_rows, len(names)), np.float64 if dtype.kind in "iu" else dtype)
    for place, name in enumerate(names):
        x[:, place] = _numbers(path, name, table.column(name))
    return Columns(x, tuple(names), labels)


def _kind(path: Path, name: str, kind: Any) -> np.dtype[Any]:
    from pyarrow import types

    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        found: np.dtype[Any] = np.dtype(kind.to_pandas_dtype())
        return found
    remedy = "Leave it out of the file, or turn it into numbers"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind):
        remedy = f"If it holds the labels, write {{label: {name}}}, else turn it into numbers"
    raise DataError(f"{path}, column {name}", "must hold numbers", f"type {kind}", remedy)


def _numbers(path: Path, name: str, column: Any) -> NDArray[Any]:
    _refuse_missing(path, name, column)
    found: NDArray[Any] = column.to_numpy()
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found)))
        remedy = "Fill in or remove samples with missing values"
        where = f"{path}, column {name}, row {row} (from 0)"
        raise DataError(where, "must be a finite number", str(found[row]), remedy)
    return found


def _labels(path: Path, name: str, column: Any) -> NDArray[Any]:
    from pyarrow import types

    _refuse_missing(path, name, column)
    if types.is_boolean(column.type) or types.is_integer(column.type):
        found: NDArray[Any] = column.to_numpy().astype(np.int64)
        return found
    return as_labels([str(value) for value in column.to_pylist()])


def _refuse_missing(path: Path, name: str, column: Any) -> None:
    if column.null_count:
        row = column.is_null().to_pylist().index(True)
        remedy = "Fill in or remove samples with missing values"
        where = f"{path}, column {name}, row {row} (from 0)"
        raise DataError(where, "must have a value", "none", remedy)
