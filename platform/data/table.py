"""A table of a person's own: ``.npz`` with x and maybe y, ``.npy``, ``.csv`` or ``.parquet``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...models.errors import near_miss
from ..errors import DataError
from . import comma_separated, parquet, preflight
from .archive import UNREADABLE, array_names, map_array, read_arrays, unreadable
from .columns import Columns, place_of
from .source import Samples


def read(path: Path, label: str | None = None) -> Samples:
    """The checked samples of the table at ``path``.

    label: the column with the labels, or the array of an .npz; ``y`` of an .npz when left out.
    Raises DataError when the table is missing, not of a known kind, damaged, or not a table of
    finite numbers, or when there is no such label.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        got = path.suffix or "no suffix"
        rule = f"must end with {', '.join(_READERS)}, or be a folder"
        raise DataError(str(path), rule, got)
    if not path.is_file():
        raise _missing(path)
    try:
        samples = reader(path, label)
    except DataError:
        raise
    except UNREADABLE as error:
        raise unreadable(path, error) from error
    preflight.check(str(path), samples.x, samples.labels)
    return samples


def _read_npz(path: Path, label: str | None) -> Samples:
    names = array_names(path)
    if "x" not in names:
        got = f"arrays: {', '.join(names) or 'none'}"
        rule = "must hold an array x (samples, inputs), and may hold y (samples,)"
        raise DataError(str(path), rule, got, "Save it with numpy.savez(path, x=x)")
    if label is not None:
        place_of(str(path), label, names)
    found = read_arrays(path, ("x", label or "y"))
    return Samples(found["x"], found.get(label or "y"))


def _read_npy(path: Path, label: str | None) -> Samples:
    if label is not None:
        remedy = "Save numpy.savez(path, x=x, y=labels) in its place"
        raise DataError("data.label", "needs a table with names", f"{path}, one array", remedy)
    return Samples(map_array(path))


def _read_csv(path: Path, label: str | None) -> Samples:
    return _of_columns(comma_separated.read(path, label))


def _read_parquet(path: Path, label: str | None) -> Samples:
    return _of_columns(parquet.read(path, label))


def _of_columns(columns: Columns) -> Samples:
    names = columns.names
    # Names that do not tell the inputs apart are of no use.
    told_apart = all(names) and len(set(names)) == len(names)
    return Samples(columns.x, columns.labels, features=names if told_apart else ())


_READERS: dict[str, Callable[[Path, str | None], Samples]] = {
    ".npz": _read_npz,
    ".npy": _read_npy,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _missing(path: Path) -> DataError:
    where = str(path)
    if path.is_dir():
        return DataError(where, "must be a file", "a folder", "Name one table in it")
    folder = path.absolute().parent
    if not folder.is_dir():
        return DataError(where, "must exist", f"no folder {folder}", "Check the path")
    tables = [f.name for f in folder.iterdir() if f.suffix.lower() in _READERS]
    guess = near_miss(path.name, tables)
    remedy = f"Did you mean {guess}?" if guess else "Check the path"
    return DataError(where, "must exist", f"no such file in {folder}", remedy)
