"""Leftovers are deleted when their writer is gone, and never before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layerwise.platform.store import Store
from layerwise.platform.store.writer import FOREIGN_SECONDS, is_abandoned, new_name


def name_with(**changed: str) -> str:
    fields = dict(
        zip(["space", "host", "boot", "pid", "birth", "random"], new_name().split("~"), strict=True)
    )
    return "~".join((fields | changed).values())


def leave(root: Path, name: str, age: float = 0.0) -> Path:
    folder = root / "staging" / name
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"half")
    then = time.time() - age
    os.utime(folder, (then, then))
    return folder


def test_names_differ_and_fit_a_folder() -> None:
    names = {new_name() for _ in range(100)}
    assert len(names) == 100
    assert all("/" not in name and len(name) < 250 for name in names)


@pytest.mark.parametrize("age", [0.0, 10 * FOREIGN_SECONDS])
def test_a_living_writer_is_left_alone(tmp_path: Path, age: float) -> None:
    folder = leave(tmp_path, new_name(), age)
    Store(tmp_path)
    assert folder.exists()


@pytest.mark.parametrize("changed", [{"birth": "1"}, {"boot": "another"}, {"pid": "x"}])
def test_a_dead_writer_s_batch_is_deleted(tmp_path: Path, changed: dict[str, str]) -> None:
    folder = leave(tmp_path, name_with(**changed))
    Store(tmp_path)
    assert not folder.exists()


def test_a_process_that_ended_is_dead(tmp_path: Path) -> None:
    code = "from layerwise.platform.store.writer import new_name; print(new_name())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert is_abandoned(leave(tmp_path, run.stdout.strip()))


@pytest.mark.parametrize(
    "name",
    [name_with(host="elsewhere"), name_with(space="1"), "own"],
    ids=["elsewhere", "another space", "own"],
)
def test_who_cannot_be_asked_is_given_a_week(tmp_path: Path, name: str) -> None:
    young, old = leave(tmp_path, name), leave(tmp_path, name + "1", age=2 * FOREIGN_SECONDS)
    Store(tmp_path)
    assert young.exists()
    assert not old.exists()


def test_the_sweep_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"x")
    folder = leave(tmp_path / "store", name_with(birth="1"))
    (folder / "link").symlink_to(tmp_path / "precious", target_is_directory=True)
    linked = tmp_path / "store" / "staging" / name_with(birth="2")
    linked.symlink_to(tmp_path / "precious", target_is_directory=True)
    Store(tmp_path / "store")
    assert not folder.exists()
    assert (tmp_path / "precious" / "file").exists()
