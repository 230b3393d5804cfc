"""All or nothing: how the entries of one cohort enter the store together.

``staging/<batch>/<key>/``    being written; no reader looks here
``committed/<batch>/<key>/``  one rename later: the whole batch is in the store, and readers see it
``<key[:2]>/<key>/``          where each entry is moved next, by the writer or, had it died, by
                              whoever opens the store; any number of processes may do so at once

Folders only move or vanish whole, so that an entry seen under its name is a finished one.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .durable import make_folder, subfolders, sync_folder
from .seal import MANIFEST
from .writer import is_abandoned, new_name

log = logging.getLogger("layerwise.store")

STAGING, COMMITTED, QUARANTINE = "staging", "committed", "quarantine"
_OCCUPIED = {errno.ENOTEMPTY, errno.EEXIST}
# An fsync waits for the disk; eight at once share its journal commits, in a third of the time.
_WRITERS = 8


def commit(root: Path, writers: Mapping[str, Callable[[Path], None]]) -> None:
    """Store all entries of ``writers`` (key → what makes and fills its folder), or none.

    Raises OSError or StoreError when a file cannot be written; nothing of the batch is left then.
    """
    with staged(root) as batch:
        # Shards come before the commit, so that after it nothing is left to do but to rename.
        make_folder(root, COMMITTED, *_shards(writers))
        _at_once(lambda key: writers[key](batch / key), writers)
        sync_folder(batch)
        os.rename(batch, root / COMMITTED / batch.name)
        sync_folder(root / COMMITTED)
    roll_forward(root)


@contextlib.contextmanager
def staged(root: Path) -> Iterator[Path]:
    """A new folder in staging; what is still in it at the end is deleted."""
    root.mkdir(parents=True, exist_ok=True)
    make_folder(root, STAGING)
    batch = root / STAGING / new_name()
    os.mkdir(batch)
    try:
        yield batch
    finally:
        shutil.rmtree(batch, ignore_errors=True)


def roll_forward(root: Path) -> None:
    """Move what lies in committed/ into its places.

    Never fails: on a read-only or full disk the entries stay in committed/, where readers find
    them as well.
    """
    for batch in subfolders(root / COMMITTED):
        try:
            entries = subfolders(batch)
            shards = _shards(entry.name for entry in entries)
            make_folder(root, *shards)
            for entry in entries:
                place(root, entry, root / entry.name[:2] / entry.name)
            _at_once(lambda shard: sync_folder(root / shard), shards)
            os.rmdir(batch)
            sync_folder(root / COMMITTED)
        except FileNotFoundError:
            continue  # another process finished this batch
        except OSError as error:
            log.debug("left in %s: %s", batch, error)


def place(root: Path, entry: Path, target: Path) -> None:
    """Rename a finished entry to ``target``; the first one stored wins."""
    try:
        os.rename(entry, target)
    except FileNotFoundError:
        return  # another process moved it
    except OSError as error:
        if error.errno not in _OCCUPIED:
            raise
        if (target / MANIFEST).exists():
            _discard(root, entry)
        else:
            quarantine(root, target, "it has no manifest")
            os.rename(entry, target)


def quarantine(root: Path, folder: Path, reason: str) -> None:
    """Move a damaged entry out of the way, for a person to look at, and say so in one line."""
    try:
        make_folder(root, QUARANTINE)
        os.rename(folder, root / QUARANTINE / f"{folder.name}-{uuid.uuid4().hex[:8]}")
    except FileNotFoundError:
        return  # it moved meanwhile, and was perhaps not damaged at all
    except OSError as error:
        log.warning("damaged entry %s, left there: %s (%s)", folder, reason, error.strerror)
    else:
        log.warning("damaged entry %s moved to %s/: %s", folder, QUARANTINE, reason)


def sweep(root: Path) -> None:
    """Delete what writers that died left in staging/."""
    for folder in subfolders(root / STAGING):
        if is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _shards(keys: Iterable[str]) -> list[str]:
    return sorted({key[:2] for key in keys})


def _at_once(work: Callable[[str], None], names: Collection[str]) -> None:
    if names:
        with ThreadPoolExecutor(min(_WRITERS, len(names)), "layerwise-store") as pool:
            list(pool.map(work, names))


def _discard(root: Path, entry: Path) -> None:
    # Out of committed/ in one step: a half deleted entry there could still be moved into place.
    with staged(root) as bin_, contextlib.suppress(FileNotFoundError):
        os.rename(entry, bin_ / entry.name)
