"""What is put into the store comes out of it, once, whole, and for well-formed keys alone."""

from __future__ import annotations

import math
import os
import pickle
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from layerwise.platform.errors import StoreError
from layerwise.platform.store import Entry, MissingEntry, Store

KEY, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def entry(key: str = KEY, value: float = 1.0) -> Entry:
    return Entry(key, {"value": value}, {"weight": np.full((2, 3), value)})


def test_opening_and_asking_create_nothing(store: Store) -> None:
    assert KEY not in store
    assert store.keys() == set()
    assert store.codes(KEY) is None
    store.put_all([])
    assert not store.root.exists()


def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    weights = {
        "weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "transposed": np.arange(6.0).reshape(2, 3).T,
        "every_other": np.arange(8)[::2],
        "big_endian": np.arange(3, dtype=">f8"),
        "scalar": np.array(2.5, dtype=np.float32),
        "nothing": np.zeros((0, 4)),
        "dead": np.array([True, False]),
    }
    manifest = {"loss": [[0, 1.5], [1, math.inf]], "naïve": None, "nested": {"a": [1, "x", True]}}
    store.put_all([Entry(KEY, manifest, weights)])
    found = Store(store.root).read(KEY)
    assert found.key == KEY
    assert found.manifest == manifest
    assert found.weights.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(found.weights[name], array)
        assert found.weights[name].shape == array.shape
        assert found.weights[name].dtype == array.dtype.newbyteorder("=")
        assert found.weights[name].flags.writeable


@settings(max_examples=30, deadline=None)
@given(
    array=arrays.arrays(
        st.sampled_from(["f4", "f8", "i8"]).map(np.dtype),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_any_array_comes_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    store.put_all([Entry(KEY, {}, {"weight": array})])
    found = store.read(KEY).weights["weight"]
    assert found.tobytes() == array.tobytes()
    assert (found.shape, found.dtype) == (array.shape, array.dtype)


def test_the_first_stored_wins(store: Store) -> None:
    store.put_all([entry(value=1.0)])
    store.put_all([entry(value=2.0), entry(OTHER, 2.0), entry(OTHER, 3.0)])
    assert store.manifest(KEY) == {"value": 1.0}
    assert store.manifest(OTHER) == {"value": 2.0}
    assert store.keys() == {KEY, OTHER}


def test_a_missing_entry_says_where_and_what_to_do(store: Store) -> None:
    with pytest.raises(MissingEntry, match=r"must have an entry in .* but got 'none'. Run the"):
        store.read(KEY)
    with pytest.raises(MissingEntry):
        store.manifest(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../etc/passwd",
        "ab",
        "AB" * 32,
        KEY + "\n",
        KEY[:-1] + "/",
        "../" * 21 + "x",
        KEY * 2,
    ],
)
def test_a_key_that_is_none_is_refused(store: Store, key: str) -> None:
    for use in (
        lambda: key in store,
        lambda: store.read(key),
        lambda: store.manifest(key),
        lambda: store.put_all([entry(key)]),
        lambda: store.codes(key),
        lambda: store.put_codes(key, {"train": np.zeros((1, 1))}),
    ):
        with pytest.raises(StoreError, match="64 hexadecimal digits"):
            use()
    assert not store.root.exists()


@pytest.mark.parametrize("linked", [f"ab/{KEY}", "ab", "staging", "committed"])
def test_nothing_is_written_through_a_link(store: Store, tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = store.root / linked
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(StoreError, match="symbolic link"):
        store.put_all([entry()])
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("linked", [f"ab/{KEY}", "ab"])
def test_nothing_is_read_through_a_link(store: Store, tmp_path: Path, linked: str) -> None:
    other = Store(tmp_path / "other")
    other.put_all([entry()])
    link = store.root / linked
    link.parent.mkdir(parents=True)
    link.symlink_to(other.root / linked, target_is_directory=True)
    with pytest.raises(StoreError, match="symbolic link"):
        store.read(KEY)


def test_the_root_itself_may_be_a_link_to_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "disk", target_is_directory=True)
    Store(tmp_path / "store").put_all([entry()])
    assert KEY in Store(tmp_path / "disk")


@pytest.mark.parametrize("weight", [np.array([1j]), np.array(["a"]), np.array([object()]), "text"])
def test_weights_that_are_no_numbers_store_nothing(store: Store, weight: np.ndarray) -> None:
    with pytest.raises(StoreError, match="real or boolean arrays"):
        store.put_all([entry(OTHER), Entry(KEY, {}, {"weight": weight})])
    assert store.keys() == set()


@pytest.mark.parametrize("manifest", [{"a": {1, 2}}, {"a": np.float32(1)}, {("a",): 1}])
def test_a_manifest_that_is_not_json_stores_nothing(
    store: Store, manifest: dict[str, object]
) -> None:
    with pytest.raises(StoreError, match="must be JSON"):
        store.put_all([entry(OTHER), Entry(KEY, manifest, {})])
    assert store.keys() == set()
    assert not list((store.root / "staging").iterdir())


def test_codes_come_back_mapped_and_read_only(store: Store) -> None:
    codes: dict[str, np.ndarray] = {
        "train": np.arange(12, dtype=np.float32).reshape(3, 4).T,
        "validation": np.zeros((0, 3)),
        "test": np.ones((1, 3)),
    }
    store.put_codes(KEY, codes)
    store.put_codes(KEY, {"train": np.zeros((1, 1))})
    found = Store(store.root).codes(KEY)
    assert found is not None
    assert found.keys() == codes.keys()
    for split, array in codes.items():
        np.testing.assert_array_equal(found[split], array)
        assert isinstance(found[split], np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            found[split][...] = 1
    assert store.keys() == set()
    assert KEY not in store


@pytest.mark.parametrize(
    ("split", "array"), [("../train", np.zeros(1)), ("train", np.array([object()]))]
)
def test_codes_that_are_no_codes_are_refused(store: Store, split: str, array: np.ndarray) -> None:
    with pytest.raises(StoreError, match="codes must be numbers"):
        store.put_codes(KEY, {split: array})
    assert not store.root.exists()


def test_a_store_travels_to_a_worker_but_what_it_verified_does_not(store: Store) -> None:
    store.put_codes(KEY, {"train": np.zeros((2, 2))})
    assert store.codes(KEY) is not None
    travelled = pickle.loads(pickle.dumps(store))
    path = store.root / "codes" / "ab" / KEY / "train.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    assert store.codes(KEY) is not None
    assert travelled.codes(KEY) is None


def test_a_store_error_travels_from_a_worker(store: Store) -> None:
    with pytest.raises(MissingEntry) as caught:
        store.read(KEY)
    travelled = pickle.loads(pickle.dumps(caught.value))
    assert type(travelled) is MissingEntry
    assert str(travelled) == str(caught.value)


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def write_plainly(folder: Path) -> None:
    """What a cohort of 240 costs at least: as many files and folders, each one on the disk."""
    folder.mkdir()
    for n in range(240):
        place = folder / str(n)
        place.mkdir()
        for name, size in (("weights", 20_000), ("manifest", 2_000)):
            with open(place / name, "wb") as stream:
                stream.write(bytes(size))
                stream.flush()
                os.fsync(stream.fileno())
        descriptor = os.open(place, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def test_a_cohort_of_240_costs_little_more_than_its_files(store: Store, tmp_path: Path) -> None:
    # In turns, and against each other: a wall clock alone would measure who else uses the disk.
    history = {"train/loss": [[epoch, 1 / (1 + epoch)] for epoch in range(60)]}
    weight = np.ones((80, 64), dtype=np.float32)
    plain, stored = [], []
    for turn in range(3):
        keys = [f"{turn * 1000 + n:064x}"[::-1] for n in range(240)]
        cohort = [Entry(key, history, {"weight": weight}) for key in keys]
        plain.append(seconds(partial(write_plainly, tmp_path / f"plain {turn}")))
        stored.append(seconds(partial(store.put_all, cohort)))
    assert len(store.keys()) == 3 * 240
    assert min(stored) < 3 * min(plain)
