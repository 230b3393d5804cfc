"""A key is one driver's at a time, and the next one's as soon as that one is gone."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerwise.platform.store import Store, writer
from layerwise.platform.store.leases import Leases, in_words

KEYS = [hashlib.sha256(bytes([n])).hexdigest() for n in range(6)]
FAST = {"expiry_seconds": 0.5, "beat_seconds": 0.05}
HOLDER = """
import sys
import time
from pathlib import Path
from layerwise.platform.store.leases import Leases
with Leases(Path(sys.argv[1]), expiry_seconds=0.4, beat_seconds=0.05) as leases:
    print(*sorted(leases.acquire(sys.argv[2:])), flush=True)
    for line in sys.stdin:
        while not leases.overslept:
            time.sleep(0.01)
        print(len(leases.lost()), flush=True)
        leases.release(line.split())
        print("released", flush=True)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another driver, a process of its own, that holds the first three keys."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), *KEYS[:3]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert set(process.stdout.readline().split()) == set(KEYS[:3])
    yield process
    process.kill()
    process.communicate()


def links(root: Path) -> list[str]:
    return sorted(os.listdir(root / "leases" / "held"))


def until_acquired(leases: Leases, keys: list[str], seconds: float = 20.0) -> float:
    """How long it takes until all the keys are ours."""
    began = time.monotonic()
    while leases.acquire(keys) != set(keys):
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_key_is_held_once_and_given_back(tmp_path: Path) -> None:
    with Leases(tmp_path) as one, Leases(tmp_path) as two:
        assert one.acquire(KEYS[:2]) == set(KEYS[:2])
        assert one.acquire(KEYS[:1]) == {KEYS[0]}
        assert two.acquire(KEYS[1:3]) == {KEYS[2]}
        assert Leases(tmp_path).holders() == {
            KEYS[0]: one.name, KEYS[1]: one.name, KEYS[2]: two.name
        }  # fmt: skip
        two.release(KEYS[:2])
        assert two.acquire(KEYS[:2]) == set()
        one.release(KEYS[:2])
        assert two.acquire(KEYS[:2]) == set(KEYS[:2])
        assert one.lost() == two.lost() == set()
    assert links(tmp_path) == []
    assert os.listdir(tmp_path / "leases" / "drivers") == []


def test_of_many_that_want_the_same_each_key_goes_to_one(tmp_path: Path) -> None:
    keys = [hashlib.sha256(f"{n}".encode()).hexdigest() for n in range(50)]
    for _ in range(5):
        drivers = [Leases(tmp_path) for _ in range(6)]
        found: list[set[str]] = [set() for _ in drivers]
        barrier = threading.Barrier(len(drivers))

        def claim(turn: int, taken=found, wait=barrier, of=drivers) -> None:  # type: ignore[no-untyped-def]
            with of[turn] as leases:
                order = keys[turn * 7 :] + keys[: turn * 7]
                wait.wait()
                for first in range(0, len(order), 5):
                    taken[turn] |= leases.acquire(order[first : first + 5])
                wait.wait()

        threads = [threading.Thread(target=claim, args=(turn,)) for turn in range(len(drivers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(key for taken in found for key in taken) == dict.fromkeys(keys, 1)


def test_a_living_driver_s_keys_stay_its_own_for_longer_than_they_last(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with Leases(tmp_path, **FAST) as leases:
        for _ in range(25):
            assert leases.acquire(KEYS[:4]) == {KEYS[3]}
            time.sleep(0.04)
        assert f"process {holder.pid} on " in in_words(leases.holders(KEYS[:3]))


def test_a_killed_driver_s_keys_are_free_at_once(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with Leases(tmp_path) as leases:
        assert leases.acquire(KEYS[:3]) == set()
        os.kill(holder.pid, signal.SIGKILL)
        assert until_acquired(leases, KEYS[:3]) < 1.0
        # The next number, and the old one gone.
        assert links(tmp_path) == sorted(f"{key}.2" for key in KEYS[:3])


def test_who_hangs_is_taken_over_and_cannot_harm_when_it_wakes(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    assert holder.stdin is not None
    assert holder.stdout is not None
    with Leases(tmp_path, **FAST) as leases:
        assert leases.acquire(KEYS[:3]) == set()
        os.kill(holder.pid, signal.SIGSTOP)
        assert until_acquired(leases, KEYS[:2]) > 0.3
        os.kill(holder.pid, signal.SIGCONT)
        holder.stdin.write(" ".join(KEYS[:2]) + "\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "2\n"
        assert holder.stdout.readline() == "released\n"
        assert leases.lost() == set()
        assert leases.holders(KEYS[:2]) == dict.fromkeys(KEYS[:2], leases.name)
        # What nobody took over is its own again.
        assert leases.acquire(KEYS[2:3]) == set()


def test_no_time_of_day_is_looked_at(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with Leases(tmp_path, **FAST) as leases:
        for then in (0, 2**31, 4e9):
            for path in (tmp_path / "leases").rglob("*"):
                os.utime(path, (then, then))
            assert leases.acquire(KEYS[:3]) == set()


def test_a_driver_on_another_host_is_dead_when_its_heart_rests(tmp_path: Path) -> None:
    fields = writer.new_name().split("~")
    fields[1] = "another-host"
    foreign = "~".join(fields)
    with Leases(tmp_path, **FAST) as leases:
        counter = tmp_path / "leases" / "drivers" / foreign
        counter.write_bytes(b"7")
        (tmp_path / "leases" / "held" / f"{KEYS[0]}.4").hardlink_to(counter)
        assert leases.acquire(KEYS[:1]) == set()
        for beat in range(20):
            counter.write_bytes(b"%d" % beat)
            assert leases.acquire(KEYS[:1]) == set()
            time.sleep(0.05)
        assert until_acquired(leases, KEYS[:1]) > 0.3
        assert links(tmp_path) == [f"{KEYS[0]}.5"]


def test_who_lost_a_race_for_a_key_backs_off(tmp_path: Path) -> None:
    # A higher number that was made while this driver looked at an older state of the folder.
    with Leases(tmp_path) as one, Leases(tmp_path) as two:
        assert one.acquire(KEYS[:1]) == {KEYS[0]}
        held = tmp_path / "leases" / "held"
        (held / f"{KEYS[0]}.3").hardlink_to(tmp_path / "leases" / "drivers" / two.name)
        assert one.acquire(KEYS[:1]) == set()
        assert one.lost() == {KEYS[0]}
        one.release(KEYS[:1])
        assert two.acquire(KEYS[:1]) == {KEYS[0]}


def test_what_dead_drivers_left_is_swept(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert len(links(tmp_path)) == 3
    with Leases(tmp_path) as leases:
        assert links(tmp_path) == []
        assert os.listdir(tmp_path / "leases" / "drivers") == [leases.name]


def test_where_no_lease_can_be_made_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "leases").write_text("a file")
    with Leases(tmp_path) as leases:
        assert leases.acquire(KEYS) == set(KEYS)
        leases.release(KEYS)


def test_a_store_with_leases_holds_no_more_entries(tmp_path: Path) -> None:
    with Leases(tmp_path) as leases:
        leases.acquire(KEYS)
        store = Store(tmp_path)
        assert store.keys() == set()
        assert KEYS[0] not in store
