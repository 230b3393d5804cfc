"""Tables in Apache Parquet files, as data frames are saved: read whole, or some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from . import preflight
from .columns import Columns, as_labels, place_of

# Pandas' name for the row numbers of a table that was filtered; they say nothing of a sample.
_ROW_NUMBERS = "__index_level_"


class Contents(NamedTuple):
    """What a file says it holds. names: of the inputs; groups: how many rows each row group has.

    label: the type of the column with labels, ``whole`` for whole numbers, None without one.
    """

    names: tuple[str, ...]
    groups: tuple[int, ...]
    label: str | None


def read(path: Path, label: str | None = None) -> Columns:
    """The columns of numbers of a .parquet file, with the labels where a column holds them.

    Raises DataError with the column, and row (from 0), that is missing or no number, when no column
    is called ``label``, or when the file cannot be read.
    """
    with _opened(path) as file:
        table = file.read()
        names = _inputs(path, table.schema, label)
        labels = None if label is None else _labels(path, label, table.column(label))
        return Columns(_matrix(path, table, names), names, labels)


def contents(path: Path, label: str | None = None) -> Contents:
    """What a file holds, without reading it.

    Raises DataError as :func:`read` does, but for what only the rows can tell.
    """
    with _opened(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        names = _inputs(path, schema, label)
        for name in names:
            _kind(path, name, schema.field(name).type)
        rows = tuple(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
        kind = None
        if label is not None:
            kind = "whole" if _is_whole(schema.field(label).type) else str(schema.field(label).type)
        return Contents(names, rows, kind)


def blocks(
    path: Path, names: Sequence[str], groups: Sequence[int], first: int, most: int
) -> Iterator[NDArray[np.float32]]:
    """The numbers of some row groups in order, (n, inputs) float32 each, at most ``most`` rows.

    names: of the inputs. first: the row of the file that the first of them is. Raises DataError as
    :func:`read` does.
    """
    with _opened(path) as file:
        # One at a time: of several, Arrow holds all that it has begun to decode.
        for group in groups:
            batches = file.iter_batches(
                most, row_groups=[group], columns=list(names), use_threads=False
            )
            for batch in batches:
                x = _matrix(path, batch, names, first)
                preflight.check_finite(str(path), x, first)
                first += len(x)
                yield x.astype(np.float32, copy=False)


def label_blocks(path: Path, label: str, most: int) -> Iterator[NDArray[np.int64] | list[object]]:
    """The labels in order, at most ``most`` at a time: whole numbers, or the values of others.

    Raises DataError for one that is missing.
    """
    first = 0
    with _opened(path) as file:
        for batch in file.iter_batches(most, columns=[label]):
            column = batch.column(label)
            _refuse_missing(path, label, column, first)
            first += len(column)
            yield _whole(column) if _is_whole(column.type) else column.to_pylist()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # Pyarrow takes longer to import than most tables to read.
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except (OSError, pyarrow.ArrowException) as error:
        rule, remedy = "must be a readable .parquet file", "Check that it was copied whole"
        raise DataError(str(path), rule, str(error), remedy) from error


def _inputs(path: Path, schema: Any, label: str | None) -> tuple[str, ...]:
    names = [name for name in schema.names if not name.startswith(_ROW_NUMBERS)]
    if label is not None:
        del names[place_of(str(path), label, names)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        rule, remedy = "must have one name for each column", "Give each a name of its own"
        raise DataError(str(path), rule, f"{twice}, {names.count(twice)} times", remedy)
    return tuple(names)


def _matrix(path: Path, table: Any, names: Sequence[str], first: int = 0) -> NDArray[Any]:
    """(n, inputs) numbers of a table or of a batch that begins with the row ``first``."""
    kinds = {_kind(path, name, table.schema.field(name).type) for name in names}
    # Floats of one size stay as they are; anything wider than float32 can tell is kept whole.
    dtype = np.result_type(*kinds) if kinds else np.dtype(np.float64)
    x = np.empty((table.num_rows, len(names)), np.float64 if dtype.kind in "iu" else dtype)
    for place, name in enumerate(names):
        x[:, place] = _numbers(path, name, table.column(name), first)
    return x


def _kind(path: Path, name: str, kind: Any) -> np.dtype[Any]:
    from pyarrow import types

    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        found: np.dtype[Any] = np.dtype(kind.to_pandas_dtype())
        return found
    remedy = "Leave it out of the file, or turn it into numbers"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind):
        remedy = f"If it holds the labels, write {{label: {name}}}, else turn it into numbers"
    raise DataError(f"{path}, column {name}", "must hold numbers", f"type {kind}", remedy)


def _numbers(path: Path, name: str, column: Any, first: int) -> NDArray[Any]:
    _refuse_missing(path, name, column, first)
    found: NDArray[Any] = _array(column)
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found)))
        remedy = "Fill in or remove samples with missing values"
        where = f"{path}, column {name}, row {first + row} (from 0)"
        raise DataError(where, "must be a finite number", str(found[row]), remedy)
    return found


def _labels(path: Path, name: str, column: Any) -> NDArray[Any]:
    _refuse_missing(path, name, column, 0)
    if _is_whole(column.type):
        return _whole(column)
    return as_labels([str(value) for value in column.to_pylist()])


def _is_whole(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_boolean(kind) or types.is_integer(kind))


def _whole(column: Any) -> NDArray[np.int64]:
    found: NDArray[np.int64] = _array(column).astype(np.int64)
    return found


def _array(column: Any) -> NDArray[Any]:
    from pyarrow import ChunkedArray

    # A chunk that is not numbers as they lie in memory, such as truth values, has to be told.
    whole = isinstance(column, ChunkedArray)
    found: NDArray[Any] = column.to_numpy() if whole else column.to_numpy(zero_copy_only=False)
    return found


def _refuse_missing(path: Path, name: str, column: Any, first: int) -> None:
    if column.null_count:
        row = first + column.is_null().to_pylist().index(True)
        remedy = "Fill in or remove samples with missing values"
        where = f"{path}, column {name}, row {row} (from 0)"
        raise DataError(where, "must have a value", "none", remedy)
