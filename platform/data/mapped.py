"""Splits that lie in files of a folder and are mapped from there: what of them is in memory, the
system decides, and every process of a machine shares it.

``manifest.json`` says what they are; a folder without one is none. ``train.npy`` and its siblings
hold rows, ``train.labels.npy`` and its siblings labels, where there are any.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")
MANIFEST = "manifest.json"
FORMAT = 1

Manifest = dict[str, Any]


class MappedSplits(NamedTuple):
    """splits: split → (n, visible) float32, mapped; labels: split → (n,), mapped, or None."""

    splits: dict[str, NDArray[np.float32]]
    labels: dict[str, NDArray[Any]] | None
    manifest: Manifest


def create(folder: Path, split: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A new file of float32 of that shape, mapped to be written to. Raises OSError without room."""
    path = folder / f"{split}.npy"
    found: NDArray[np.float32] = np.lib.format.open_memmap(path, "w+", np.dtype("<f4"), shape)
    if hasattr(os, "posix_fallocate"):  # not on every system
        with open(path, "r+b") as stream:
            # A page that finds no room on the disk when it is written ends the process.
            os.posix_fallocate(stream.fileno(), 0, max(1, path.stat().st_size))
    return found


def save_labels(folder: Path, labels: Mapping[str, NDArray[Any]]) -> None:
    """Write labels (n,) beside their splits, onto the disk."""
    for split, array in labels.items():
        with open(folder / f"{split}.labels.npy", "xb") as stream:
            np.lib.format.write_array(stream, array, allow_pickle=False)
            stream.flush()
            os.fsync(stream.fileno())


def save_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, the last file of all."""
    with open(folder / MANIFEST, "x", encoding="utf-8") as stream:
        json.dump({"format": FORMAT, **manifest}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


def opened(folder: Path) -> MappedSplits:
    """What lies in a folder, mapped; who writes to it nevertheless gets pages of his own.

    Raises FileNotFoundError when it is not there, one of UNREADABLE, KeyError or TypeError when it
    is not whole.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"{folder / MANIFEST} is not of format {FORMAT}")
    splits = {split: _mapped(folder / f"{split}.npy") for split in SPLITS}
    labels = None
    if manifest["labelled"]:
        labels = {split: _mapped(folder / f"{split}.labels.npy") for split in SPLITS}
    for split, array in splits.items():
        if [*array.shape] != manifest["shapes"][split] or array.dtype != np.dtype("<f4"):
            raise ValueError(f"{split}.npy is not as the manifest says")
    return MappedSplits(splits, labels, manifest)


def _mapped(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="c", allow_pickle=False)
    array.flags.writeable = False
    return array
