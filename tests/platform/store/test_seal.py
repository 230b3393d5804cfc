"""Damage is noticed, said in one line, and set aside, so that the stage can be stored again."""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.errors import StoreError
from layerwise.platform.store import Entry, MissingEntry, Store

KEY, OTHER = "ab" * 32, "cd" * 32
ENTRY = Entry(KEY, {"loss": [[0, 1.25]], "model": "autoencoder"}, {"weight": np.ones((3, 5))})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.put_all([ENTRY])
    return store


def place(store: Store, name: str) -> Path:
    return store.root / "ab" / KEY / name


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\x00")


def link(path: Path) -> None:
    copy = path.with_suffix(".copy")
    path.rename(copy)
    path.symlink_to(copy)


def replace_by_nonsense(path: Path) -> None:
    path.write_bytes(b"[" * 100_000)


DAMAGES = [truncate, empty, lengthen, link, replace_by_nonsense]


@pytest.mark.parametrize("damage", [*DAMAGES, Path.unlink])
def test_damaged_weights_are_set_aside(
    store: Store, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    damage(place(store, "weights.safetensors"))
    assert KEY in store
    with caplog.at_level(logging.WARNING, "layerwise.store"), pytest.raises(MissingEntry) as caught:
        store.read(KEY)
    assert "a damaged one: weights.safetensors" in str(caught.value)
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()
    assert "moved to quarantine" in caplog.text
    assert KEY not in store
    assert [folder.name[:64] for folder in (store.root / "quarantine").iterdir()] == [KEY]
    store.put_all([ENTRY])
    np.testing.assert_array_equal(store.read(KEY).weights["weight"], ENTRY.weights["weight"])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_manifest_is_set_aside(store: Store, damage: Callable[[Path], None]) -> None:
    damage(place(store, "manifest.json"))
    with pytest.raises(MissingEntry, match=r"a damaged one: manifest\.json"):
        store.manifest(KEY)
    assert KEY not in store


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors"])
def test_no_flipped_bit_goes_unnoticed(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    rng = random.Random(0)
    for _ in range(60):
        store.put_all([ENTRY])
        path = place(store, name)
        data = bytearray(path.read_bytes())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        with pytest.raises(MissingEntry):
            store.read(KEY)


def test_an_entry_under_a_foreign_key_is_set_aside(store: Store) -> None:
    (store.root / "cd").mkdir()
    (store.root / "ab" / KEY).rename(store.root / "cd" / OTHER)
    with pytest.raises(MissingEntry, match="belongs to"):
        store.read(OTHER)


@pytest.mark.parametrize("name", ["train.npy", "manifest.json"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_codes_are_set_aside_and_made_anew(
    store: Store, name: str, damage: Callable[[Path], None]
) -> None:
    codes = {"train": np.arange(6.0).reshape(2, 3)}
    store.put_codes(KEY, codes)
    damage(store.root / "codes" / "ab" / KEY / name)
    assert store.codes(KEY) is None
    store.put_codes(KEY, codes)
    found = store.codes(KEY)
    assert found is not None
    np.testing.assert_array_equal(found["train"], codes["train"])


def canonical(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def test_the_manifest_vouches_for_every_byte(store: Store) -> None:
    document = json.loads(place(store, "manifest.json").read_bytes())
    weights = place(store, "weights.safetensors").read_bytes()
    seal = {"sha256": hashlib.sha256(weights).hexdigest(), "bytes": len(weights)}
    own = document.pop("manifest_sha256")
    assert document == {
        "format": 1,
        "key": KEY,
        "manifest": ENTRY.manifest,
        "files": {"weights.safetensors": seal},
    }
    assert own == hashlib.sha256(canonical(document)).hexdigest()


def test_a_later_format_is_refused_and_not_thrown_away(store: Store) -> None:
    path = place(store, "manifest.json")
    document = json.loads(path.read_bytes()) | {"format": 2}
    del document["manifest_sha256"]
    document["manifest_sha256"] = hashlib.sha256(canonical(document)).hexdigest()
    path.write_bytes(canonical(document))
    with pytest.raises(StoreError, match="must have format 1, but got 2") as caught:
        store.read(KEY)
    assert not isinstance(caught.value, MissingEntry)
    assert KEY in store


def test_a_damaged_entry_that_cannot_be_moved_is_named(
    store: Store, caplog: pytest.LogCaptureFixture, forbid_writing: Callable[[Path], None]
) -> None:
    truncate(place(store, "weights.safetensors"))
    forbid_writing(store.root)
    with caplog.at_level(logging.WARNING, "layerwise.store"), pytest.raises(MissingEntry):
        store.read(KEY)
    assert "left there" in caplog.text
