"""Whatever interrupts a writer, a cohort is stored wholly or not at all."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.store import Entry, Store

KEYS = ["ab" + f"{n:062x}" for n in range(3)]


def killed_writers(mode: str, root: Path) -> dict[str, int]:
    script = Path(__file__).with_name("killed_writers.py")
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, str(script), mode, str(root)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=one_thread,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, int] = json.loads(run.stdout)
    return found


def entry(key: str, value: float = 1.0) -> Entry:
    return Entry(key, {"value": value}, {"weight": np.full((2, 3), value)})


def test_writers_killed_at_random_moments_leave_whole_cohorts(tmp_path: Path) -> None:
    found = killed_writers("at_random", tmp_path / "store")
    assert found["kills"] == 20
    assert found["whole"] > 0


def test_writers_killed_before_each_step_leave_all_or_nothing(tmp_path: Path) -> None:
    found = killed_writers("at_every_step", tmp_path)
    assert found["steps"] > 20
    assert found["recoveries"] > 10
    assert found["absent"] > 10
    assert found["whole"] > 5


def test_processes_that_write_the_same_keys_at_once_agree(tmp_path: Path) -> None:
    assert killed_writers("together", tmp_path / "store") == {"whole": 25}


def test_a_file_beyond_the_limit_leaves_nothing_of_its_cohort(tmp_path: Path) -> None:
    assert killed_writers("file_limit", tmp_path / "store") == {"whole": 1}


def leave_committed(root: Path, *entries: Entry) -> None:
    """What a writer leaves that dies right after the commit."""
    Store(root).put_all(entries)
    batch = root / "committed" / "left behind"
    batch.mkdir(parents=True)
    for one in entries:
        (root / one.key[:2] / one.key).rename(batch / one.key)


def test_a_committed_batch_is_in_the_store_before_it_is_moved(tmp_path: Path) -> None:
    store = Store(tmp_path)
    leave_committed(tmp_path, entry(KEYS[0]), entry(KEYS[1]))
    assert KEYS[0] in store
    assert store.keys() == set(KEYS[:2])
    assert store.read(KEYS[0]).manifest == {"value": 1.0}
    assert not (tmp_path / "ab" / KEYS[0]).exists()


def test_opening_moves_a_committed_batch_into_its_places(tmp_path: Path) -> None:
    leave_committed(tmp_path, entry(KEYS[0]), entry(KEYS[1]))
    store = Store(tmp_path)
    assert (tmp_path / "ab" / KEYS[1] / "manifest.json").exists()
    assert not list((tmp_path / "committed").iterdir())
    assert store.keys() == set(KEYS[:2])


def test_the_first_stored_entry_wins_over_a_batch_left_behind(tmp_path: Path) -> None:
    leave_committed(tmp_path, entry(KEYS[0], 2.0), entry(KEYS[1], 2.0))
    (tmp_path / "committed").rename(tmp_path / "aside")
    Store(tmp_path).put_all([entry(KEYS[0], 1.0)])
    (tmp_path / "committed").rmdir()
    (tmp_path / "aside").rename(tmp_path / "committed")
    store = Store(tmp_path)
    assert store.manifest(KEYS[0]) == {"value": 1.0}
    assert store.manifest(KEYS[1]) == {"value": 2.0}
    assert not list((tmp_path / "staging").iterdir())


def test_a_place_without_a_manifest_is_set_aside_and_filled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remains = tmp_path / "ab" / KEYS[0]
    remains.mkdir(parents=True)
    (remains / "weights.safetensors").write_bytes(b"half")
    store = Store(tmp_path)
    assert KEYS[0] not in store
    with caplog.at_level(logging.WARNING, "layerwise.store"):
        store.put_all([entry(KEYS[0])])
    assert "no manifest" in caplog.text
    assert store.read(KEYS[0]).manifest == {"value": 1.0}


def test_a_read_only_store_can_be_read_with_a_batch_left_behind(
    tmp_path: Path, forbid_writing: object
) -> None:
    root = tmp_path / "store"
    leave_committed(root, entry(KEYS[0]), entry(KEYS[1]))
    assert callable(forbid_writing)
    forbid_writing(root)
    store = Store(root)
    assert store.keys() == set(KEYS[:2])
    assert store.read(KEYS[1]).key == KEYS[1]
