"""Where the splits of a streamed table lie: made once, found again by whoever asks for the same.

``<cache>/prepared/<key>/``          whole: a folder gets this name when everything is in it
``<cache>/prepared/making/<name>/``  being written by the process that the name names

The key is of the files (path, size, time of change) and of all terms that say what becomes of them.
Two processes that want the same make it side by side, and the first one's stays. What a process
leaves behind that was killed is deleted by the next one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..cache import VARIABLE, cache_folder
from ..errors import DataError
from ..store.durable import subfolders, sync_folder
from ..store.writer import is_abandoned, new_name
from . import mapped
from .archive import UNREADABLE
from .parts import PartedTable
from .source import DataSource

log = logging.getLogger("layerwise.data")

_FOLDER, _MAKING = "prepared", "making"
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ELSEWHERE = f"{VARIABLE} names a folder with more of it"


def place(table: PartedTable, source: DataSource) -> Path:
    """The folder of the splits that the terms of ``source`` make of a table, be it there or not."""
    said = {
        "format": mapped.FORMAT,
        "files": [(str(f.path.resolve()), f.size, f.modified) for f in table.files],
        "label": source.label,
        "anomalous": None if source.anomalous is None else list(source.anomalous),
        **{term: getattr(source, term) for term in _TERMS},
    }
    key = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return cache_folder() / _FOLDER / key[:32]


_TERMS = (
    "validation",
    "test",
    "split_seed",
    "binarise",
    "scale",
    "contamination",
    "samples",
)


def found(folder: Path) -> mapped.MappedSplits | None:
    """What lies in such a folder; None where nothing does, or nothing whole."""
    try:
        return mapped.opened(folder)
    except FileNotFoundError:
        return None
    except (*UNREADABLE, KeyError, TypeError) as error:
        log.warning("%s is made anew: %s", folder, error)
        return None


@contextlib.contextmanager
def making(folder: Path, size: int) -> Iterator[Path]:
    """A new folder for the files of ``folder``, which it becomes at the end of the block.

    size: bytes that will be written. Raises DataError when there is no room, or no permission.
    """
    beside = folder.parent / _MAKING
    try:
        beside.mkdir(parents=True, exist_ok=True)
        _sweep(beside)
        _require_room(beside, size)
        made = beside / new_name()
        made.mkdir()
    except OSError as error:
        raise _refused(error, beside, size) from error
    try:
        try:
            yield made
        except OSError as error:
            if isinstance(error, DataError) or not _is_within(error, made):
                raise
            raise _refused(error, beside, size) from error
        sync_folder(made)
        _take(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _take(made: Path, folder: Path) -> None:
    try:
        os.rename(made, folder)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        if found(folder) is not None:
            return  # another process was sooner
        # Out of the way in one step, since it may be open somewhere.
        os.rename(folder, made.with_name(new_name()))
        os.rename(made, folder)
    sync_folder(folder.parent)


def _sweep(beside: Path) -> None:
    for left in subfolders(beside):
        if is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)


def _require_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(errno.ENOSPC, f"only {free / 2**20:.0f} MiB are free", str(folder))


def _is_within(error: OSError, folder: Path) -> bool:
    # An allocation knows no file name.
    return error.errno in _FULL or str(error.filename or "").startswith(str(folder))


def _refused(error: OSError, folder: Path, size: int) -> DataError:
    said = error.strerror or str(error)
    if error.errno in _FULL:
        rule = f"needs {size / 2**20:.0f} MiB of disk for the splits of a streamed table"
        return DataError(str(folder), rule, said, f"Make room; {_ELSEWHERE}")
    return DataError(str(folder), "must be writable for a streamed table", said, _ELSEWHERE)
