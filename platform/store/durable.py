"""Folders and files that are on the disk before anybody is told about them.

A rename is atomic, but neither the bytes of the file nor the name in its folder are on the disk
until both were fsynced; without that, a power cut leaves a file of the right name and length 0.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from ..errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
# Some network file systems cannot fsync a folder; there, nothing better is to be had.
_FOLDERS_NOT_SYNCED = {errno.EINVAL, errno.ENOTSUP}


def sync_folder(folder: Path) -> None:
    """Put the names inside ``folder`` on the disk. Raises OSError when it is gone or refused."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _FOLDERS_NOT_SYNCED:
            raise
    finally:
        os.close(descriptor)


def make_folder(parent: Path, *names: str) -> None:
    """Make folders in ``parent``, which exists, and put their names on the disk; old ones are kept.

    Raises StoreError when a symbolic link lies there, because what is written through it would
    land somewhere else, and OSError when a folder cannot be made.
    """
    made = False
    for name in names:
        try:
            os.mkdir(parent / name)
            made = True
        except FileExistsError:
            refuse_link(parent / name)
    if made:
        sync_folder(parent)


def refuse_link(path: Path) -> None:
    """Raise StoreError when ``path`` is a symbolic link."""
    if path.is_symlink():
        raise StoreError(
            str(path),
            "must be a folder of the store's own",
            f"a symbolic link to {os.readlink(path)}",
            "Remove the link; to keep the store on another disk, link or name its root",
        )


def subfolders(folder: Path) -> list[Path]:
    """The real folders in ``folder``, links left out; none when it does not exist."""
    try:
        with os.scandir(folder) as found:
            return [Path(e.path) for e in found if e.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_full(error: OSError) -> bool:
    """Whether an error says that a disk, a quota or a file's limit is full."""
    return error.errno in _FULL


def write_failure(error: OSError, root: Path) -> StoreError:
    """What an OSError while writing below ``root`` means, and what the person can do."""
    said = error.strerror or str(error)
    if error.errno in _FULL:
        rule = "a stage's files must fit on the disk"
        remedy = (
            f"Only {_free_mib(root)} MiB are free and nothing was stored: make room or choose "
            "another --home, then run again; what was stored earlier is kept"
        )
    elif error.errno in _REFUSED:
        rule = "the store must be writable"
        remedy = "Give yourself write permission or choose another --home"
    else:
        rule, remedy = "a stage's files must be writable", "Nothing was stored; run again"
    return StoreError(str(error.filename or root), rule, said, remedy)


def _free_mib(root: Path) -> str:
    for folder in (root, *root.parents):
        if folder.is_dir():
            return f"{shutil.disk_usage(folder).free / 2**20:.1f}"
    return "0"
