"""Writers that are killed, or get in each other's way. Run as a script: ``MODE ROOT``.

A script and not a test, because it forks, and forking pytest's process would copy its threads.
Prints what happened as JSON; fails by assertion.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.errors import StoreError
from layerwise.platform.store import Entry, Store

STEPS = {"open", "os.mkdir", "os.rename", "os.rmdir", "os.remove", "shutil.rmtree"}


def cohort(number: int, size: int = 3) -> list[Entry]:
    """The entries of cohort ``number``; the same ones whoever asks."""
    rng = np.random.default_rng(number)
    keys = [hashlib.sha256(f"{number}/{trial}".encode()).hexdigest() for trial in range(size)]
    return [Entry(key, {"cohort": number}, {"weight": rng.normal(size=(9, 9))}) for key in keys]


def check(root: Path, cohorts: range) -> int:
    """Open the store, and assert that every cohort is whole or absent; how many are whole."""
    store = Store(root)
    whole = 0
    held = store.keys()
    for number in cohorts:
        entries = cohort(number)
        present = [entry for entry in entries if entry.key in held]
        assert len(present) in (0, len(entries)), f"{len(present)} of {len(entries)}"
        for entry in present:
            np.testing.assert_array_equal(
                store.read(entry.key).weights["weight"], entry.weights["weight"]
            )
        whole += bool(present)
    for folder in ("staging", "committed", "quarantine"):
        assert not (root / folder).exists() or not list((root / folder).iterdir()), folder
    return whole


def fork(work: Callable[[], object]) -> int:
    """The id of a new process that does ``work`` and ends."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return pid


def survives(work: Callable[[], object]) -> bool:
    """Whether a process doing ``work`` ended well; it may only fail by being killed."""
    _, status = os.waitpid(fork(work), 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


def dying_at(step: int, work: Callable[[], object]) -> Callable[[], object]:
    """``work``, by a process that kills itself just before its ``step``-th touch of the disk."""
    counter = itertools.count(1)

    def audit(event: str, _: object) -> None:
        if event in STEPS and next(counter) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def work_under_audit() -> None:
        sys.addaudithook(audit)
        work()

    return work_under_audit


def write(root: Path, cohorts: Iterable[int]) -> None:
    """One process's work: one cohort after another."""
    for number in cohorts:
        Store(root).put_all(cohort(number))


def at_random(root: Path, times: int = 20) -> dict[str, int]:
    """Writers killed at random moments; each finds what the one before it left."""
    rng = random.Random(0)
    whole = 0
    for turn in range(times):
        numbers = range(turn * 1000, turn * 1000 + 40)
        pid = fork(partial(write, root, numbers))
        time.sleep(rng.uniform(0.001, 0.06))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        whole += check(root, numbers)
    return {"kills": times, "whole": whole}


def at_every_step(root: Path) -> dict[str, int]:
    """A writer killed before each of its steps, and whoever opens the store then, killed too."""
    recoveries = 0
    outcomes = [0, 0]
    for step in itertools.count(1):
        place = root / str(step)
        ended = survives(dying_at(step, partial(write, place, [1])))
        for opening in itertools.count(1):
            if survives(dying_at(opening, partial(Store, place))):
                break
            recoveries += 1
        outcomes[check(place, range(1, 2))] += 1
        write(place, [1])
        assert check(place, range(1, 2)) == 1
        if ended:
            break
    return {"steps": step, "recoveries": recoveries, "absent": outcomes[0], "whole": outcomes[1]}


def together(root: Path, cohorts: int = 25) -> dict[str, int]:
    """Four processes write the same and overlapping cohorts at once while a fifth reads them."""
    start = time.time() + 0.1

    def write_and_read(turn: int) -> None:
        time.sleep(max(0.0, start - time.time()))
        for number in range(cohorts):
            entries = cohort(number) + cohort(number + 1)[: 2 * (turn % 2)]
            Store(root).put_all(entries)
            store = Store(root)
            assert all(np.isfinite(store.read(e.key).weights["weight"]).all() for e in entries)
            store.put_codes(entries[0].key, {"train": entries[0].weights["weight"]})
            codes = store.codes(entries[0].key)
            assert codes is not None
            assert codes["train"].shape == (9, 9)

    writers = [fork(partial(write_and_read, turn)) for turn in range(4)]
    statuses = [os.waitpid(pid, 0)[1] for pid in writers]
    assert statuses == [0] * len(writers), statuses
    return {"whole": check(root, range(cohorts))}


def file_limit(root: Path) -> dict[str, int]:
    """A disk that takes no file beyond 64 KiB."""
    Store(root).put_all(cohort(1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))
    big = Entry(hashlib.sha256(b"big").hexdigest(), {}, {"weight": np.zeros(2**15)})
    with pytest.raises(StoreError, match="must fit on the disk"):
        Store(root).put_all([*cohort(2), big])
    assert big.key not in Store(root)
    return {"whole": check(root, range(1, 3))}


if __name__ == "__main__":
    modes = {f.__name__: f for f in (at_random, at_every_step, together, file_limit)}
    print(json.dumps(modes[sys.argv[1]](Path(sys.argv[2]))))
