"""Prepared folders: whole or not there, whoever is killed or makes the same at the same time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from layerwise.platform.data import DataSource, mapped, prepared
from layerwise.platform.data.parts import PartedTable, table
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]


@pytest.fixture
def parted(tmp_path: Path, cache: Path) -> PartedTable:
    np.save(tmp_path / "t.npy", np.ones((20, 2)))
    return table(tmp_path / "t.npy")


def write(folder: Path, number: float = 1) -> None:
    """Splits of one row each."""
    for split in mapped.SPLITS:
        mapped.create(folder, split, (1, 2))[:] = number
    shapes = {split: [1, 2] for split in mapped.SPLITS}
    mapped.save_manifest(folder, {"labelled": False, "shapes": shapes, "digest": str(number)})


def test_every_term_and_every_change_has_a_place_of_its_own(
    parted: PartedTable, source: MAKE, cache: Path
) -> None:
    terms = [
        {}, {"split_seed": 1}, {"validation": 0.2}, {"test": 0.2}, {"scale": "unit"},
        {"binarise": "sampled"}, {"samples": 5}, {"label": "y"}, {"anomalous": ["a"]},
        {"anomalous": ["a"], "contamination": 0.1},
    ]  # fmt: skip
    places = [prepared.place(parted, source(path=parted.path, **one)) for one in terms]
    assert len(set(places)) == len(terms)
    assert places[0] == prepared.place(parted, source(path=parted.path, stream=True))
    assert places[0].parent == cache / "prepared"
    os.utime(parted.path, ns=(1, 1))
    assert prepared.place(table(parted.path), source(path=parted.path)) != places[0]


def test_a_folder_is_there_when_it_is_whole(cache: Path) -> None:
    folder = cache / "prepared" / "key"
    with prepared.making(folder, 100) as made:
        write(made)
        assert prepared.found(folder) is None
    found = prepared.found(folder)
    assert found is not None
    assert found.manifest["digest"] == "1"
    assert not list((cache / "prepared" / "making").iterdir())


def test_what_fails_leaves_nothing(cache: Path) -> None:
    folder = cache / "prepared" / "key"

    def fail() -> None:
        with prepared.making(folder, 100) as made:
            write(made)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert prepared.found(folder) is None
    assert not list((cache / "prepared" / "making").iterdir())


def test_the_first_of_two_stays(cache: Path) -> None:
    folder = cache / "prepared" / "key"
    with prepared.making(folder, 100) as one, prepared.making(folder, 100) as other:
        write(one, 1)
        write(other, 2)
    found = prepared.found(folder)
    assert found is not None
    assert found.manifest["digest"] == "2"  # the inner block ends first


def test_one_that_was_damaged_is_made_anew(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = cache / "prepared" / "key"
    with prepared.making(folder, 100) as made:
        write(made)
    (folder / "train.npy").write_bytes(b"")
    assert prepared.found(folder) is None
    assert "is made anew" in caplog.text
    with prepared.making(folder, 100) as made:
        write(made, 3)
    found = prepared.found(folder)
    assert found is not None
    assert found.manifest["digest"] == "3"


KILLED = """
import os, signal, sys
from pathlib import Path
from layerwise.platform.data import prepared
with prepared.making(Path(sys.argv[1]), 100) as made:
    (made / "train.npy").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_deleted_by_the_next(cache: Path) -> None:
    folder = cache / "prepared" / "key"
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    [left] = (cache / "prepared" / "making").iterdir()
    assert prepared.found(folder) is None
    with prepared.making(folder, 100) as made:
        assert not left.exists()
        write(made)
    assert prepared.found(folder) is not None


def test_a_disk_without_room_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=2**20))
    rule = r"needs 4 MiB of disk .*only 1 MiB are free.*LAYERWISE_CACHE names a folder"
    with pytest.raises(DataError, match=rule), prepared.making(cache / "prepared" / "key", 2**22):
        pass


def test_a_folder_that_cannot_be_is_said(cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(DataError, match="must be writable for a streamed table"):  # noqa: SIM117
        with prepared.making(cache / "prepared" / "key", 1):
            pass
