"""A table of a person's own: ``.npz`` with x and maybe y, ``.npy``, or ``.csv``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...models.errors import near_miss
from ..errors import DataError
from . import comma_separated, preflight
from .archive import UNREADABLE, array_names, read_array, read_arrays
from .source import Samples


def read(path: Path) -> Samples:
    """The checked samples of the table at ``path``.

    Raises DataError when it is missing, not of a known kind, damaged, or not a table of finite
    numbers.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        got = path.suffix or "no suffix"
        raise DataError(str(path), f"must end with {', '.join(_READERS)}", got)
    if not path.is_file():
        raise _missing(path)
    try:
        samples = reader(path)
    except DataError:
        raise
    except UNREADABLE as error:
        rule = f"must be a readable {path.suffix} file"
        pickled = "pickle" in str(error)
        remedy = "Save it anew as numbers: pickles are refused, they can run anything"
        remedy = remedy if pickled else "Check that it was copied whole"
        raise DataError(str(path), rule, str(error), remedy) from error
    preflight.check(str(path), samples.x, samples.labels)
    return samples


def _read_npz(path: Path) -> Samples:
    found = read_arrays(path, ("x", "y"))
    if "x" not in found:
        got = f"arrays: {', '.join(array_names(path)) or 'none'}"
        rule = "must hold an array x (samples, inputs), and may hold y (samples,)"
        raise DataError(str(path), rule, got, "Save it with numpy.savez(path, x=x)")
    return Samples(found["x"], found.get("y"))


def _read_npy(path: Path) -> Samples:
    return Samples(read_array(path))


def _read_csv(path: Path) -> Samples:
    return Samples(comma_separated.read(path))


_READERS: dict[str, Callable[[Path], Samples]] = {
    ".npz": _read_npz,
    ".npy": _read_npy,
    ".csv": _read_csv,
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
