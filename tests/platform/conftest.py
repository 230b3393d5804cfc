"""Real disks to fail on: small ones, and ones that nobody may write to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB of its own; skips where this user may not mount one."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "layerwise-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def set_mode(folder: Path, mode: int) -> None:
    """Change the folder and every one below it."""
    for path, _, _ in os.walk(folder, topdown=mode & 0o200 != 0):
        os.chmod(path, mode)


@pytest.fixture
def forbid_writing() -> Iterator[Callable[[Path], None]]:
    """Make a folder and all below it read-only until the test ends; for root, by a mount."""
    frozen: list[Path] = []

    def forbid(folder: Path) -> None:
        if os.geteuid() != 0:
            set_mode(folder, 0o500)
        else:
            for options in (["--bind", str(folder)], ["-o", "remount,ro,bind"]):
                command = ["mount", *options, str(folder)]
                if subprocess.run(command, capture_output=True, check=False).returncode:
                    pytest.skip("root can write everywhere, and may not mount read-only here")
        frozen.append(folder)

    yield forbid
    for folder in frozen:
        if os.geteuid() != 0:
            set_mode(folder, 0o700)
        else:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
