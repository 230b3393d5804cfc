"""How much memory this process could still take, and whether a table would take too much of it."""

from __future__ import annotations

import os
from pathlib import Path

SHARE = 8
"""A table that as float32 takes more than 1 of so many parts of the free memory is streamed.

Reading one whole takes up to five times that: what is decoded, the table, its splits.
"""


def outgrows(size: int) -> bool:
    """Whether a float32 table of so many bytes takes too much of the memory that is free."""
    free = free_bytes()
    return free is not None and size * SHARE > free


def free_bytes() -> int | None:
    """Bytes of memory that are free, or held by nothing but copies of files; None if not told.

    Within the limit of a container, where there is one.
    """
    found = [size for size in (_of_machine(), _of_container(Path("/sys/fs/cgroup"))) if size]
    return min(found, default=None)


def _of_machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        # Where a system tells no more than how much memory it has, half of that is a guess.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (OSError, ValueError):
        return None


def _of_container(folder: Path) -> int | None:
    """What the limit of a container (cgroup v2) leaves; None without one."""
    try:
        most = int((folder / "memory.max").read_text())
        used = int((folder / "memory.current").read_text())
        held = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        # Copies of files are counted as used, and given up when memory is wanted.
        return max(1, most - used + int(held.get("inactive_file", 0)))
    except (OSError, ValueError):  # "max" is no limit
        return None
