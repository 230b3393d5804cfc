"""The files of a folder that hold data, in an order that every machine finds the same."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

# What file browsers leave behind in folders of images and sounds.
_LEFT_BEHIND = {"thumbs.db", "desktop.ini"}
# What people put beside data to say what they are: README.md, LICENSE, notice.txt.
_ABOUT = {"readme", "license", "licence", "copying", "notice"}
_ABOUT_SUFFIXES = {"", ".txt", ".md", ".rst"}


def listed(folder: Path) -> list[Path]:
    """All files of a folder and of those below it, ordered by their names in it.

    Hidden ones are passed over, what file browsers leave behind, and files such as README.md that
    say what the others are. Raises DataError when the folder is missing, no folder, or cannot be
    read.
    """
    if not folder.is_dir():
        got = "a file" if folder.exists() else "nothing of that name"
        raise DataError(str(folder), "must be a folder", got, "Check the path")
    found: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(root, name)
            for name in names
            if not name.startswith(".") and not _beside(name.lower())
        ]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def _beside(name: str) -> bool:
    """Whether a file of that name is no data."""
    stem, suffix = os.path.splitext(name)
    return name in _LEFT_BEHIND or (stem in _ABOUT and suffix in _ABOUT_SUFFIXES)


def of_kind(folder: Path, suffixes: Iterable[str], kind: str) -> list[Path]:
    """All files of a folder, each of which ends with one of ``suffixes``.

    kind: what they are, in an error. Raises DataError when there is none, or for a file of another
    kind, which it names.
    """
    files = listed(folder)
    suffixes = tuple(suffixes)
    for path in files:
        if path.suffix.lower() not in suffixes:
            rule = f"a folder of {kind} must hold nothing else ({', '.join(suffixes)})"
            raise DataError(str(folder), rule, str(path.relative_to(folder)), "Move it elsewhere")
    if not files:
        rule = f"must hold {kind} ({', '.join(suffixes)})"
        raise DataError(str(folder), rule, "an empty folder", "Check the path")
    return files


def labels(folder: Path, files: list[Path]) -> NDArray[np.str_] | None:
    """(files,) the sub-folder that each lies in; None when they all lie in the folder itself.

    Files deeper down have the label of the uppermost sub-folder. Raises DataError when some lie in
    sub-folders and some do not.
    """
    parts = [path.relative_to(folder).parts for path in files]
    without = [path for path, own in zip(files, parts, strict=True) if len(own) == 1]
    if len(without) == len(files):
        return None
    if without:
        rule = "must hold files either all in sub-folders, which are their labels, or none"
        got = f"{len(without)} of {len(files)} outside, such as {without[0].name}"
        remedy = "Move it into the sub-folder of its label"
        raise DataError(str(folder), rule, got, remedy)
    return np.array([own[0] for own in parts])


def _refuse(error: OSError) -> None:
    where = str(error.filename)
    raise DataError(where, "must be a folder that can be read", error.strerror) from error
