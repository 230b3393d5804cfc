"""One process has its turn; the next has it when that one gave it back, or died."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from layerwise.platform.store import Store
from layerwise.platform.store.turns import turn

KEY, SAME_FILE, OTHER = "ab" * 32, "ab" + "0" * 62, "cd" * 32
HOLDER = """
import sys
from pathlib import Path
from layerwise.platform.store.turns import turn
with turn(Path(sys.argv[1]), sys.argv[2]) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def holding(root: Path) -> subprocess.Popen[str]:
    """A process that has its turn at the key."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root), KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def test_a_turn_is_one_process_s_and_ends_with_it(tmp_path: Path) -> None:
    process = holding(tmp_path)
    with turn(tmp_path, KEY, 0.1) as mine:
        assert not mine
    with turn(tmp_path, SAME_FILE, 0.0) as mine:
        assert not mine
    with turn(tmp_path, OTHER, 0.0) as mine:
        assert mine
    process.kill()
    process.communicate()
    with turn(tmp_path, KEY, 5.0) as mine:
        assert mine


def test_who_waits_has_the_next_turn(tmp_path: Path) -> None:
    process = holding(tmp_path)
    threading.Timer(0.3, lambda: process.communicate("")).start()
    began = time.monotonic()
    with turn(tmp_path, KEY, 20.0) as mine:
        assert mine
        assert time.monotonic() - began > 0.2


def test_turns_leave_no_entries(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.turn(KEY, 0.0) as mine:
        assert mine
        assert store.codes(KEY) is None
    assert store.keys() == set()
    assert os.listdir(tmp_path) == ["codes"]


def test_where_nothing_may_be_written_there_are_no_turns(
    tmp_path: Path, forbid_writing: Callable[[Path], None]
) -> None:
    forbid_writing(tmp_path)
    with turn(tmp_path, KEY, 0.0) as mine:
        assert not mine
