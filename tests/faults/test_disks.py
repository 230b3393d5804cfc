"""A disk that fills up while a study trains, and entries of the store that rot."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbed import TRIALS, Disturbed

Moment = Callable[[float, float], float]


@pytest.fixture
def on_small_disk(disturbed: Disturbed) -> Iterator[Disturbed]:
    """The home on a file system of 64 MiB; skips where this user may not mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "layerwise-test", str(disturbed.home)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    assert disturbed.undisturbed is not None
    shutil.copy(disturbed.undisturbed.home / "calibration.json", disturbed.home)
    yield disturbed
    disturbed.leave()
    subprocess.run(["umount", "--lazy", str(disturbed.home)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as stream:
        for size in (2**20, 2**12, 1):
            with contextlib.suppress(OSError):  # that is the sign that it is full
                while True:
                    stream.write(b"x" * size)


def test_the_disk_fills_up(on_small_disk: Disturbed, moment: Moment) -> None:
    disturbed = on_small_disk
    process = disturbed.start("--no-report")
    disturbed.wait(moment, training=random.random() < 0.7)
    filler = disturbed.home / "filler"
    fill(filler)
    # Whatever is freed meanwhile is taken too.
    while process.poll() is None:
        fill(disturbed.home / "more")
        time.sleep(0.05)
    _, error = process.communicate()
    print(f"ended with {process.returncode}: {error[-300:]}")
    assert "Traceback" not in error
    # Unless it was just done, it says what to do.
    assert process.returncode in (0, 1, 2), error
    if process.returncode:
        assert "disk" in error, error
    survived = disturbed.stored()
    filler.unlink()
    (disturbed.home / "more").unlink()
    printed = disturbed.run()
    assert printed["plan"]["reused"] == len(survived)
    disturbed.check(survived)


@pytest.fixture
def finished(disturbed: Disturbed) -> Disturbed:
    """A copy of the undisturbed home."""
    assert disturbed.undisturbed is not None
    shutil.copytree(disturbed.undisturbed.home, disturbed.home, dirs_exist_ok=True)
    return disturbed


def truncate(path: Path) -> None:
    """As a power cut may leave a file."""
    os.truncate(path, random.randrange(path.stat().st_size))


def flip(path: Path) -> None:
    """One bit of it, as a disk may after years."""
    content = bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def test_an_entry_is_truncated(finished: Disturbed) -> None:
    _damaged(finished, truncate)


@pytest.mark.only_with_rounds
def test_a_bit_of_an_entry_flips(finished: Disturbed) -> None:
    _damaged(finished, flip)


def _damaged(disturbed: Disturbed, damage: Callable[[Path], None]) -> None:
    before = disturbed.stored()
    key = random.choice(sorted(before))
    folder = disturbed.home / "store" / key[:2] / key
    path = random.choice(sorted(folder.iterdir()))
    print(f"{damage.__name__} {path.relative_to(disturbed.home)}")
    damage(path)
    process = disturbed.start("--no-report")
    printed, error = disturbed.end(process)
    assert sum("quarantine" in line for line in error.splitlines()) == 1
    assert printed["plan"]["trained"] == 1
    assert printed["plan"]["reused"] == TRIALS - 1
    disturbed.check(before, retrained=frozenset({key}))
