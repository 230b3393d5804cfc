"""A table that can be read a piece at a time: one ``.parquet`` or ``.npy``, or a folder of parts.

Parts are files of one kind with the same columns, one after another in the order of their names. In
a folder, files such as ``README.md`` and ``_SUCCESS`` are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from . import files, parquet, preflight
from .archive import UNREADABLE, map_array, unreadable

SUFFIXES = (".parquet", ".npy")


@dataclass(frozen=True)
class PartFile:
    """A file of a table: how many rows each of its row groups has, an .npy being one group.

    size (bytes) and modified (nanoseconds) tell when it is not the same file any more.
    """

    path: Path
    groups: tuple[int, ...]
    size: int
    modified: int

    @property
    def rows(self) -> int:
        """Its samples."""
        return sum(self.groups)


@dataclass(frozen=True)
class PartedTable:
    """A table in one file or in several.

    path: as a study names it. columns: the names of a .parquet's inputs; none of an .npy. width:
    inputs of a sample. label: the column of labels, or None.
    """

    path: Path
    files: tuple[PartFile, ...]
    columns: tuple[str, ...]
    width: int
    label: str | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """A name for each input, where all have one."""
        return self.columns if all(self.columns) else ()

    @property
    def rows(self) -> int:
        """Samples of all files together."""
        return sum(file.rows for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of the whole table as float32."""
        return 4 * self.rows * self.width

    @property
    def encoded(self) -> bool:
        """Whether numbers have to be decoded, which takes longer than to read them."""
        return self.files[0].path.suffix.lower() != ".npy"

    def require_unchanged(self) -> None:
        """Raise DataError when a file is not the one any more that was looked at."""
        for file in self.files:
            if _identity(file.path) != (file.size, file.modified):
                remedy = "Run it again when nobody writes to it"
                rule = "must stay as it is while it is read"
                raise DataError(str(file.path), rule, "a file that was changed", remedy)


def is_parted(path: Path) -> bool:
    """Whether there is such a table, or a folder that holds parts and nothing else."""
    if not path.is_dir():
        return path.suffix.lower() in SUFFIXES and path.is_file()
    kinds = {file.suffix.lower() for file in _listed(path)}
    return bool(kinds) and kinds <= set(SUFFIXES)


def table(path: Path, label: str | None = None) -> PartedTable:
    """The table at ``path``, for which :func:`is_parted`; of its rows none is read.

    label: the column of a .parquet that holds labels. Raises DataError for a file that cannot be
    read or holds no table of numbers, for parts that differ in their columns or their kind, and
    when there is no such label.
    """
    paths = _listed(path) if path.is_dir() else [path]
    _refuse_mixed(path, paths)
    if paths[0].suffix.lower() == ".npy":
        return _of_arrays(path, paths, label)
    found = [parquet.contents(one, label) for one in paths]
    first = found[0]
    for one, other in zip(paths, found, strict=True):
        if other.names != first.names:
            raise _differing(one, paths[0], first.names, other.names)
        if other.label != first.label:
            rule = f"labels must be of one kind, as in {paths[0].name}: {first.label}"
            remedy = "Save the column with the same type in every part"
            raise DataError(f"{one}, column {label}", rule, other.label, remedy)
    parts = tuple(
        PartFile(one, own.groups, *_identity(one)) for one, own in zip(paths, found, strict=True)
    )
    return _checked(PartedTable(path, parts, first.names, len(first.names), label))


def _of_arrays(path: Path, paths: Sequence[Path], label: str | None) -> PartedTable:
    if label is not None:
        remedy = "Save a .parquet, or numpy.savez(path, x=x, y=labels), in its place"
        raise DataError("data.label", "needs a table with names", f"{path}, .npy", remedy)
    parts, width = [], 0
    for one in paths:
        try:
            array = map_array(one)
        except UNREADABLE as error:
            raise unreadable(one, error) from error
        preflight.check_shape(str(one), array.dtype, array.shape)
        if width not in (0, array.shape[1]):
            rule = f"must have {width} columns, as {paths[0].name} has"
            raise DataError(str(one), rule, array.shape[1], "Bring parts of one width")
        width = array.shape[1]
        parts.append(PartFile(one, (len(array),), *_identity(one)))
    return PartedTable(path, tuple(parts), (), width)


def _checked(found: PartedTable) -> PartedTable:
    if not found.rows or not found.width:
        got = f"{found.rows} samples of {found.width} inputs"
        rule = "must have at least one sample and one input"
        raise DataError(str(found.path), rule, got, "Bring some data")
    return found


def _listed(folder: Path) -> list[Path]:
    # What is written beside parts to say that they are all there begins with an underscore.
    return [path for path in files.listed(folder) if not path.name.startswith("_")]


def _refuse_mixed(path: Path, paths: Sequence[Path]) -> None:
    kinds = sorted({one.suffix.lower() for one in paths})
    if len(kinds) > 1:
        rule = "a table in parts must be of one kind"
        raise DataError(str(path), rule, " and ".join(kinds), "Move the others elsewhere")
    deeper = next((one for one in paths if path.is_dir() and one.parent != path), None)
    if deeper is not None:
        rule = "a folder of parts must hold them itself, since a sub-folder's name is no column"
        remedy = "Move them up, or name one sub-folder"
        raise DataError(str(path), rule, str(deeper.relative_to(path)), remedy)


def _differing(one: Path, first: Path, wanted: Sequence[str], found: Sequence[str]) -> DataError:
    missing = [name for name in wanted if name not in found]
    more = [name for name in found if name not in wanted]
    said = [f"no {', '.join(missing[:3])}"] if missing else []
    said += [f"also {', '.join(more[:3])}"] if more else []
    rule = f"must have the columns of {first.name}, in that order"
    got = "; ".join(said) or "another order"
    return DataError(str(one), rule, got, "Save all parts from one table")


def _identity(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        said = error.strerror or str(error)
        raise DataError(str(path), "must be a file that can be read", said) from error
    return stat.st_size, stat.st_mtime_ns
