"""What lies in a store, and how what nobody needs is deleted: the garbage collection.

Which keys are needed is the caller's to say. An entry leaves its place in one step, so that no
reader ever sees half of one, and a collection never runs while an execution is between counting on
an entry and saying so (:func:`counting`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import StoreError
from .batches import QUARANTINE, staged
from .durable import subfolders, write_failure
from .seal import MANIFEST
from .turns import CODES

_KEY = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(r"[0-9a-f]{2}")
_LOCK = "collection.lock"


@dataclass(frozen=True)
class Held:
    """What a store holds under a key.

    entry_bytes: of the manifest and the weights, 0 where there are only codes. code_bytes: of the
    codes, 0 where there are none. written: when, in seconds since 1970 by the disk's clock.
    """

    key: str
    entry_bytes: int
    code_bytes: int
    written: float

    @property
    def bytes(self) -> int:
        """Of all of it."""
        return self.entry_bytes + self.code_bytes


def contents(root: Path) -> dict[str, Held]:
    """All entries and codes below the store's root, by key; nothing is verified.

    Raises:
        StoreError: a folder cannot be read.
    """
    with _readable(root):
        entries, codes = _folders(root), _folders(root / CODES)
        found = {}
        for key in entries.keys() | codes.keys():
            entry, written = _size(entries.get(key))
            code, made = _size(codes.get(key))
            found[key] = Held(key, entry, code, written or made)
        return found


def quarantined(root: Path) -> dict[Path, int]:
    """The damaged entries that were set aside, and their bytes."""
    with _readable(root):
        return {folder: _size(folder)[0] for folder in subfolders(root / QUARANTINE)}


def delete(
    root: Path, entries: Iterable[str], codes: Iterable[str], damaged: Iterable[Path] = ()
) -> None:
    """Delete entries and codes by key, and folders of the quarantine; what is gone is gone.

    Raises:
        StoreError: the disk refuses; what was not reached stays.
    """
    doomed = [root / key[:2] / key for key in entries]
    doomed += [root / CODES / key[:2] / key for key in codes]
    doomed += damaged
    try:
        with staged(root) as bin_:
            for number, folder in enumerate(doomed):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(folder, bin_ / str(number))
    except OSError as error:
        raise write_failure(error, root) from error


@contextlib.contextmanager
def counting(root: Path) -> Iterator[None]:
    """Inside the block nothing is collected: look what is there, and say that it is needed."""
    with _locked(root, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def collecting(root: Path) -> Iterator[None]:
    """Inside the block no execution is counting; waits until those that are have finished."""
    with _locked(root, fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def _locked(root: Path, how: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        # Without a lock, on a disk that has none, a run may have to train again what was deleted.
        with contextlib.suppress(OSError):
            fcntl.flock(stack.enter_context(open(root / _LOCK, "ab")), how)
        yield


@contextlib.contextmanager
def _readable(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = error.strerror or str(error)
        raise StoreError(str(error.filename or root), "the store must be readable", said) from error


def _folders(root: Path) -> dict[str, Path]:
    shards = [folder for folder in subfolders(root) if _SHARD.fullmatch(folder.name)]
    return {
        folder.name: folder
        for shard in shards
        for folder in subfolders(shard)
        if _KEY.fullmatch(folder.name)
    }


def _size(folder: Path | None) -> tuple[int, float]:
    """Bytes of the files in a folder, and when the last of them was written."""
    if folder is None:
        return 0, 0.0
    total, written = 0, 0.0
    # Another process may delete or move it meanwhile.
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as files:
        for file in files:
            status = file.stat(follow_symlinks=False)
            total += status.st_size
            if file.name == MANIFEST:
                written = status.st_mtime
    return total, written
