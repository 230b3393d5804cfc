"""What lies in a store is counted, and what nobody needs leaves it whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.errors import StoreError
from layerwise.platform.store import Entry, Store
from layerwise.platform.store.collection import (
    collecting,
    contents,
    counting,
    delete,
    quarantined,
)

ONE, TWO, THREE = "ab" * 32, "ab" + "0" * 62, "cd" * 32
COUNTING = """
import sys
from pathlib import Path
from layerwise.platform.store.collection import counting
with counting(Path(sys.argv[1])):
    print("counting", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two entries, one of them with codes, and codes whose entry is gone."""
    made = Store(tmp_path / "store")
    made.put_all([Entry(key, {}, {"weight": np.ones((8, 8))}) for key in (ONE, TWO)])
    made.put_codes(ONE, {"train": np.ones((100, 4))})
    made.put_codes(THREE, {"train": np.ones((10, 4))})
    return made


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_all_that_is_stored_is_counted_by_key(store: Store) -> None:
    found = contents(store.root)
    assert found.keys() == {ONE, TWO, THREE}
    assert found[ONE].entry_bytes == on_disk(store.root / "ab" / ONE)
    assert found[ONE].code_bytes == on_disk(store.root / "codes" / "ab" / ONE)
    assert found[TWO].code_bytes == found[THREE].entry_bytes == 0
    assert sum(one.bytes for one in found.values()) == on_disk(store.root)
    for one in found.values():
        assert abs(one.written - time.time()) < 60


def test_an_empty_store_holds_nothing(tmp_path: Path) -> None:
    assert contents(tmp_path / "none") == {}
    assert quarantined(tmp_path / "none") == {}
    assert not list(tmp_path.iterdir())


def test_what_is_deleted_is_gone_and_the_rest_as_it_was(store: Store) -> None:
    delete(store.root, [ONE], [THREE, "ef" * 32])
    assert contents(store.root).keys() == {ONE, TWO}
    assert store.keys() == {TWO}
    assert store.read(TWO).weights["weight"].sum() == 64
    assert store.codes(ONE) is not None
    assert list((store.root / "staging").iterdir()) == []
    # It can be stored anew.
    store.put_all([Entry(ONE, {}, {})])
    assert ONE in store


def test_damaged_entries_are_deleted_only_when_named(store: Store) -> None:
    (store.root / "ab" / ONE / "weights.safetensors").write_bytes(b"half")
    with pytest.raises(StoreError):
        store.read(ONE)
    [(folder, size)] = quarantined(store.root).items()
    assert folder.name.startswith(ONE)
    assert size > 0
    delete(store.root, [], [])
    assert quarantined(store.root)
    delete(store.root, [], [], [folder])
    assert not quarantined(store.root)


def test_a_disk_that_refuses_says_so(store: Store, forbid_writing: Callable[[Path], None]) -> None:
    forbid_writing(store.root)
    with pytest.raises(StoreError, match="must be writable"):
        delete(store.root, [ONE], [])
    assert store.keys() == {ONE, TWO}
    # Who only reads needs no lock.
    with counting(store.root):
        pass


def test_a_collection_waits_for_whoever_counts(store: Store) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING, str(store.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counting\n"
    with counting(store.root):  # any number of them at once
        pass
    threading.Timer(0.4, process.communicate).start()
    began = time.monotonic()
    with collecting(store.root):
        assert time.monotonic() - began > 0.3
    assert os.path.getsize(store.root / "collection.lock") == 0
