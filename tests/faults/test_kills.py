"""Processes that are killed at random moments, and signals that ask for an end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from disturbed import Disturbed
from running import until

Moment = Callable[[float, float], float]


@pytest.mark.only_with_rounds
def test_the_driver_is_killed(disturbed: Disturbed, moment: Moment) -> None:
    process = disturbed.start()
    disturbed.wait(moment)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    # Nothing trains on. Two idle agents of Ray's may outlive it: how long is Ray's own affair.
    until(lambda: not disturbed.workers(), 60)
    survived = disturbed.stored()
    printed = disturbed.run()
    assert printed["plan"]["reused"] == len(survived)
    disturbed.check(survived)


def test_a_worker_is_killed(disturbed: Disturbed, moment: Moment) -> None:
    process = disturbed.start("--no-report")
    disturbed.wait(moment, training=True)
    killed = disturbed.workers()[:1]
    survived = disturbed.stored()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    print(f"killed {killed} with {len(survived)} trials stored")
    disturbed.end(process)
    disturbed.check(survived)


@pytest.mark.only_with_rounds
def test_a_polite_signal(disturbed: Disturbed, moment: Moment) -> None:
    process = disturbed.start()
    disturbed.wait(moment)
    process.send_signal(signal.SIGTERM)
    _interrupted(disturbed, process.pid, process, 143)


def test_an_interrupt_from_the_keyboard_twice(disturbed: Disturbed, moment: Moment) -> None:
    process = disturbed.start()
    disturbed.wait(moment)
    # As a terminal does: to all processes of the foreground.
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(moment(0.0, 0.5))
    os.killpg(process.pid, signal.SIGINT)
    _interrupted(disturbed, process.pid, process, 130)


def _interrupted(disturbed: Disturbed, group: int, process: object, code: int) -> None:
    began = time.monotonic()
    disturbed.end(process, code)  # type: ignore[arg-type]
    print(f"ended {time.monotonic() - began:.1f} s later")
    until(lambda: not disturbed.workers(), 60)
    survived = disturbed.stored()
    disturbed.run()
    disturbed.check(survived)
