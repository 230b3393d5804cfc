"""The store: every trained stage under the key of all that determined it.

``<root>/<key[:2]>/<key>/``        ``manifest.json`` and ``weights.safetensors``
``<root>/codes/<key[:2]>/<key>/``  ``manifest.json`` and one ``.npy`` for each split
``<root>/quarantine/``             damaged entries, for a person to look at
``<root>/leases/``                 which driver trains what at this moment, see :mod:`.leases`

What is read was verified byte for byte; what is written is on the disk, all of it or nothing, when
the call returns. Any number of processes may use one store at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from ..errors import StoreError
from .batches import COMMITTED, commit, place, quarantine, roll_forward, staged, sweep
from .durable import make_folder, refuse_link, subfolders, sync_folder, write_failure
from .seal import (
    MANIFEST,
    DamagedError,
    Document,
    read_file,
    read_manifest,
    verify_file,
    write_sealed,
)
from .turns import CODES, turn

Array = NDArray[Any]
Result = TypeVar("Result")

_KEY = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(r"[0-9a-f]{2}")
_SPLIT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WEIGHTS = "weights.safetensors"


class MissingEntry(StoreError):
    """The store does not hold the key, or held it damaged and set it aside."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One trained stage.

    key: 64 hexadecimal digits. manifest: JSON values, what the caller wants to know later; numbers
    that are not finite come back as they were. weights: arrays of any shape, real or boolean.
    """

    key: str
    manifest: dict[str, Any]
    weights: dict[str, Array]


class Store:
    """A content-addressed store below the folder ``root``.

    Opening it creates nothing; it only finishes or deletes what interrupted writers left. Every
    method raises StoreError for a key that is not 64 hexadecimal digits, for a symbolic link where
    the store expects a folder of its own, and when the disk refuses.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._verified: set[str] = set()
        try:
            roll_forward(self.root)
            sweep(self.root)
        except OSError as error:
            raise _unreadable(error, self.root) from error

    def __reduce__(self) -> tuple[type[Store], tuple[Path]]:
        # What one process verified, another has to verify for itself.
        return Store, (self.root,)

    def __contains__(self, key: object) -> bool:
        """Whether an entry lies there, its bytes not verified. Costs one or two file lookups."""
        return self._lies_in(self._places(str(key)))

    def keys(self) -> set[str]:
        """The keys of all entries, their bytes not verified."""
        try:
            # committed/ first: an entry that moves into place meanwhile is then seen twice at most.
            shards = subfolders(self.root / COMMITTED)
            shards += [f for f in subfolders(self.root) if _SHARD.fullmatch(f.name)]
            entries = [entry for shard in shards for entry in subfolders(shard)]
            return {e.name for e in entries if _KEY.fullmatch(e.name) and (e / MANIFEST).is_file()}
        except OSError as error:
            raise _unreadable(error, self.root) from error

    def read(self, key: str) -> Entry:
        """The entry of ``key``, every byte verified; its arrays may be written to.

        Raises MissingEntry when there is none, or when it is damaged: then it is moved to
        quarantine/, so that the stage can be trained and stored again.
        """

        def load(folder: Path, document: Document) -> Entry:
            weights = safetensors.numpy.load(read_file(folder, document, _WEIGHTS))
            return Entry(key, document["manifest"], weights)

        return self._first_sound(key, self._places, load)

    def manifest(self, key: str) -> dict[str, Any]:
        """The manifest given to :meth:`put_all`, verified by its own digest; weights unread.

        Raises MissingEntry as :meth:`read` does.
        """

        def load(folder: Path, document: Document) -> dict[str, Any]:
            manifest: dict[str, Any] = document["manifest"]
            return manifest

        return self._first_sound(key, self._places, load)

    def put_all(self, entries: Sequence[Entry]) -> None:
        """Store all ``entries`` or, if this raises or the process dies, none of them.

        A key that is stored already is left as it is: the first one stored wins. Raises StoreError
        when the disk is full or refuses, or when an entry cannot be represented.
        """
        writers: dict[str, Callable[[Path], None]] = {}
        for entry in entries:
            if entry.key not in self and entry.key not in writers:
                writers[entry.key] = _entry_writer(entry)
        if writers:
            with _Writing(self.root):
                commit(self.root, writers)

    def codes(self, key: str) -> dict[str, Array] | None:
        """Split → codes (samples, hidden) of the stage ``key``, mapped from the disk, read-only.

        Who writes to one nevertheless, through its address, gets pages of his own: no write reaches
        the file, or anybody else. None when they are not stored, or damaged and now in
        quarantine/: the stage's weights make them anew. Bytes are verified the first time in a
        process.
        """

        def load(folder: Path, document: Document) -> dict[str, Array]:
            names = [name for name in document["files"] if name.endswith(".npy")]
            if key not in self._verified:
                for name in names:
                    verify_file(folder, document, name)
                self._verified.add(key)
            return {name.removesuffix(".npy"): _mapped(folder / name) for name in names}

        try:
            return self._first_sound(key, self._code_places, load)
        except MissingEntry:
            return None

    def put_codes(self, key: str, codes: Mapping[str, Array]) -> None:
        """Store the codes of the stage ``key``: split ("train", …) → real array of any shape.

        All or nothing, the first stored wins. Raises StoreError as :meth:`put_all` does.
        """
        if self._lies_in(self._code_places(key)):
            return
        for split, array in codes.items():
            if not _SPLIT.fullmatch(split) or np.asarray(array).dtype.kind not in "biuf":
                rule = "codes must be numbers under names like train or validation"
                raise StoreError(key, rule, f"{split}: {np.asarray(array).dtype}")
        files = {f"{split}.npy": _npy_writer(array) for split, array in codes.items()}
        shard = self.root / CODES / key[:2]
        with _Writing(self.root), staged(self.root) as folder:
            write_sealed(folder / key, key, {}, files)
            make_folder(self.root, CODES)
            make_folder(shard.parent, shard.name)
            place(self.root, folder / key, shard / key)
            sync_folder(shard)

    def turn(self, key: str, patience_seconds: float) -> AbstractContextManager[bool]:
        """``with store.turn(key, …) as mine:`` make its codes while no other process does.

        See :func:`.turns.turn`.
        """
        _own_place(self.root / CODES, key)
        return turn(self.root, key, patience_seconds)

    def _lies_in(self, places: Iterator[Path]) -> bool:
        try:
            return any((place / MANIFEST).is_file() for place in places)
        except StoreError:
            raise
        except OSError as error:
            raise _unreadable(error, self.root) from error

    def _places(self, key: str) -> Iterator[Path]:
        """Where the entry of ``key`` may lie: its place, or a batch that is not yet moved there."""
        yield _own_place(self.root, key)
        for batch in subfolders(self.root / COMMITTED):
            yield batch / key

    def _code_places(self, key: str) -> Iterator[Path]:
        yield _own_place(self.root / CODES, key)

    def _first_sound(
        self,
        key: str,
        places: Callable[[str], Iterator[Path]],
        load: Callable[[Path, Document], Result],
    ) -> Result:
        found = None
        # Twice: an entry moves once, out of committed/, and that may be while it is looked for.
        for folder in (folder for _ in range(2) for folder in places(key)):
            try:
                return load(folder, read_manifest(folder, key))
            except DamagedError as damage:
                found = f"a damaged one: {damage}"
                quarantine(self.root, folder, str(damage))
            except FileNotFoundError:
                continue
            except StoreError:
                raise
            except OSError as error:
                raise _unreadable(error, folder) from error
        remedy = "Run the study that makes it: only what is missing is trained"
        raise MissingEntry(key, f"must have an entry in {self.root}", found or "none", remedy)


class _Writing:
    """Turns an OSError inside its block into the StoreError that says what to do."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, StoreError):
            raise write_failure(error, self._root) from error


def _own_place(root: Path, key: str) -> Path:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise StoreError(str(root), "a key must be 64 hexadecimal digits in lower case", key)
    shard = root / key[:2]
    refuse_link(shard)
    refuse_link(shard / key)
    return shard / key


def _entry_writer(entry: Entry) -> Callable[[Path], None]:
    try:
        # safetensors reads the array's memory from its first byte on: strides would be ignored.
        # Not ascontiguousarray, which turns a scalar into a row of length 1.
        arrays = {name: np.asarray(w, order="C") for name, w in entry.weights.items()}
        data = safetensors.numpy.save(arrays)
    except (safetensors.SafetensorError, ValueError, TypeError, AttributeError) as error:
        rule = "weights must be real or boolean arrays under text names"
        raise StoreError(entry.key, rule, str(error)) from error

    def write(folder: Path) -> None:
        files = {_WEIGHTS: lambda stream: stream.write(data)}
        write_sealed(folder, entry.key, entry.manifest, files)

    return write


def _mapped(path: Path) -> Array:
    array: Array = np.load(path, mmap_mode="c", allow_pickle=False)
    array.flags.writeable = False
    return array


def _npy_writer(array: Array) -> Callable[[Any], object]:
    contiguous = np.asarray(array, order="C")
    return lambda stream: np.lib.format.write_array(stream, contiguous, allow_pickle=False)


def _unreadable(error: OSError, path: Path) -> StoreError:
    said = error.strerror or str(error)
    remedy = "Give yourself read permission or choose another --home"
    return StoreError(str(error.filename or path), "the store must be readable", said, remedy)
