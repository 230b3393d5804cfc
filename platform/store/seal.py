"""A sealed folder: some files, and a manifest that vouches for every byte of them.

``manifest.json`` holds the format's version, the key, whatever the caller wants to remember, the
sha256 and length of each file, and the sha256 of all that (``manifest_sha256``: over the same
document without that field, as canonical JSON: keys sorted, no spaces, ASCII).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import StoreError
from .durable import sync_folder

FORMAT = 1
MANIFEST = "manifest.json"

Document = dict[str, Any]


class DamagedError(Exception):
    """A sealed folder that is not as it was written. Stays inside the store."""


class HashedStream:
    """A stream that knows the sha256 and the length of all that went through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> int:
        """Pass ``data`` on, counted and hashed."""
        self._sha256.update(data)
        self._bytes += len(data)
        return self._stream.write(data)

    def seal(self) -> dict[str, Any]:
        """What the manifest says about this file."""
        return {"sha256": self._sha256.hexdigest(), "bytes": self._bytes}


def write_sealed(
    folder: Path,
    key: str,
    manifest: Mapping[str, Any],
    files: Mapping[str, Callable[[HashedStream], object]],
) -> None:
    """Make ``folder`` with ``files`` (name → what writes it) and their manifest, all on the disk.

    Raises StoreError when ``manifest`` is not JSON, OSError when writing fails.
    """
    document = {"format": FORMAT, "key": key, "manifest": manifest}
    try:
        _canonical(document)
    except (TypeError, ValueError, RecursionError) as error:
        remedy = "Keep to dicts with text keys, lists, text, numbers, booleans and None"
        raise StoreError(key, "a manifest must be JSON", str(error), remedy) from error
    os.mkdir(folder)
    document["files"] = {name: _write(folder / name, fill) for name, fill in files.items()}
    document["manifest_sha256"] = _digest(document)
    _write(folder / MANIFEST, lambda stream: stream.write(_canonical(document)))
    sync_folder(folder)


def read_manifest(folder: Path, key: str) -> Document:
    """The verified document of ``folder``'s manifest.

    Raises FileNotFoundError when there is none, DamagedError when it is not what was written under
    ``key``, StoreError when a later version of the format wrote it.
    """
    try:
        document = json.loads(_read(folder / MANIFEST))
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{MANIFEST} is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise DamagedError(f"{MANIFEST} is not a JSON object")
    claimed = document.pop("manifest_sha256", None)
    if claimed != _digest(document):
        raise DamagedError(f"{MANIFEST} does not match its own sha256")
    if document.get("format") != FORMAT:
        raise StoreError(
            str(folder),
            f"an entry must have format {FORMAT}",
            document.get("format"),
            "Another version of layerwise wrote it: use that version or another --home",
        )
    if document.get("key") != key:
        raise DamagedError(f"{MANIFEST} belongs to {document.get('key')}")
    return document


def read_file(folder: Path, document: Document, name: str) -> bytes:
    """The verified bytes of one file of a sealed folder; raises DamagedError when they differ."""
    try:
        data = _read(folder / name)
    except FileNotFoundError as error:
        raise DamagedError(f"{name} is missing") from error
    sealed = _sealed(document, name)
    if len(data) != sealed["bytes"]:
        raise DamagedError(f"{name} has {len(data)} bytes instead of {sealed['bytes']}")
    if hashlib.sha256(data).hexdigest() != sealed["sha256"]:
        raise DamagedError(f"{name} does not match its sha256")
    return data


def verify_file(folder: Path, document: Document, name: str) -> None:
    """Check a file too large to hold in memory; raises DamagedError when its bytes differ."""
    try:
        with open(_open(folder / name), "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DamagedError(f"{name} is missing") from error
    if found != _sealed(document, name)["sha256"]:
        raise DamagedError(f"{name} does not match its sha256")


def _sealed(document: Document, name: str) -> dict[str, Any]:
    sealed = document["files"].get(name)
    if not isinstance(sealed, dict):
        raise DamagedError(f"{MANIFEST} does not vouch for {name}")
    return sealed


def _write(path: Path, fill: Callable[[HashedStream], object]) -> dict[str, Any]:
    with open(path, "xb") as stream:
        hashed = HashedStream(stream)
        fill(hashed)
        stream.flush()
        os.fsync(stream.fileno())
    return hashed.seal()


def _read(path: Path) -> bytes:
    with open(_open(path), "rb") as stream:
        return stream.read()


def _open(path: Path) -> int:
    """A descriptor of ``path`` itself: a link could point anywhere."""
    if path.is_symlink():
        raise DamagedError(f"{path.name} is a symbolic link")
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


def _digest(document: Document) -> str:
    return hashlib.sha256(_canonical(document)).hexdigest()


def _canonical(document: Mapping[str, Any]) -> bytes:
    # NaN stays: the history of a diverged trial holds it, and must not cost its whole cohort.
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")
