"""One process at a time makes a thing that several want; the others wait for it and then read it.

``<root>/codes/turns/<key[:2]>`` is locked meanwhile. The kernel gives a lock back with the process
that held it, whatever ended it. The files stay: a lock whose file may be deleted can become two.
Keys that share a file wait for one another, which only costs time.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from .durable import make_folder

CODES, TURNS = "codes", "turns"
PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.02


@contextlib.contextmanager
def turn(root: Path, key: str, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[bool]:
    """Wait for this process's turn to make ``key``; gives whether it has it.

    Never two at once inside each other, in one process: their keys may share a lock.

    Args:
        root: the store's root.
        key: 64 hexadecimal digits.
        patience_seconds: after that long without a turn, or where there are no locks, False.
    """
    until = time.monotonic() + patience_seconds
    with contextlib.ExitStack() as stack:
        try:
            root.mkdir(parents=True, exist_ok=True)
            make_folder(root, CODES)
            make_folder(root / CODES, TURNS)
            lock = stack.enter_context(open(root / CODES / TURNS / key[:2], "ab"))
        except OSError:
            yield False  # read-only or full: who stores something there will say so
            return
        while not (mine := _try(lock.fileno())) and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        yield mine


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
