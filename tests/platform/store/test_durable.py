"""What a full or read-only disk does, on real ones."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.errors import StoreError
from layerwise.platform.store import Entry, Store
from layerwise.platform.store.durable import make_folder, write_failure

KEYS = [f"{n:064x}"[::-1] for n in range(12)]


def cohort(keys: list[str], numbers: int) -> list[Entry]:
    return [Entry(key, {}, {"weight": np.zeros(numbers)}) for key in keys]


def test_a_full_disk_stores_nothing_and_keeps_the_rest(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    store.put_all(cohort(KEYS[:2], 100))
    with pytest.raises(StoreError, match=r"must fit on the disk.*No space left.*MiB are free"):
        store.put_all(cohort(KEYS[2:], 20_000))
    assert Store(store.root).keys() == set(KEYS[:2])
    assert not list((store.root / "staging").iterdir())
    store.put_all(cohort(KEYS[2:], 1000))
    assert len(store.read(KEYS[-1]).weights["weight"]) == 1000


def test_codes_on_a_full_disk_leave_nothing(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    with pytest.raises(StoreError, match="must fit on the disk"):
        store.put_codes(KEYS[0], {"train": np.zeros((1000, 1000))})
    assert store.codes(KEYS[0]) is None
    store.put_codes(KEYS[0], {"train": np.zeros((10, 10))})
    assert store.codes(KEYS[0]) is not None


@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_can_be_read_and_not_written(
    tmp_path: Path, forbid_writing: Callable[[Path], None], exists: bool
) -> None:
    if exists:
        Store(tmp_path / "store").put_all(cohort(KEYS[:1], 3))
    forbid_writing(tmp_path)
    store = Store(tmp_path / "store")
    assert store.keys() == set(KEYS[:exists])
    with pytest.raises(StoreError, match=r"must be writable.*--home"):
        store.put_all(cohort(KEYS[1:2], 3))
    with pytest.raises(StoreError, match="must be writable"):
        store.put_codes(KEYS[0], {"train": np.zeros((1, 1))})


def test_a_root_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    store = Store(tmp_path / "store")
    assert store.keys() == set()
    with pytest.raises(StoreError, match="File exists"):
        store.put_all(cohort(KEYS[:1], 3))


def test_an_unknown_failure_keeps_its_own_words(tmp_path: Path) -> None:
    said = str(write_failure(OSError(errno.EIO, "Input/output error", "weights"), tmp_path))
    assert said.startswith(
        "weights: a stage's files must be writable, but got 'Input/output error'"
    )


def test_a_folder_is_made_once_and_never_through_a_link(tmp_path: Path) -> None:
    make_folder(tmp_path, "a")
    make_folder(tmp_path, "a", "b")
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["a", "b"]
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(StoreError, match="symbolic link"):
        make_folder(tmp_path, "link")
