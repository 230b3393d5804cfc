"""The clock is set back by a day while a study trains.

``time.time`` and ``time.time_ns`` are set back in every Python process of the run, the workers and
the one that keeps the record included: Ray's and MLflow's Python reads them too. Ray's own core,
in C++, keeps the machine's clock, which nobody may set here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from disturbed import TRIALS, Disturbed

Moment = Callable[[float, float], float]

DAY = 86_400
# Python imports a module of this name, before any other of ours, in whatever process starts.
SET_BACK = f"""
import os, time
flag, now, now_ns = os.environ["SET_BACK"], time.time, time.time_ns
time.time = lambda: now() - {DAY} * os.path.exists(flag)
time.time_ns = lambda: now_ns() - {DAY} * 10**9 * os.path.exists(flag)
"""


def test_the_clock_is_set_back(disturbed: Disturbed, moment: Moment) -> None:
    folder, flag = disturbed.folder / "clock", disturbed.folder / "set back"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SET_BACK)
    disturbed.variables |= {"PYTHONPATH": str(folder), "SET_BACK": str(flag)}
    process = disturbed.start("--no-report")
    disturbed.wait(moment)
    flag.touch()
    printed, _ = disturbed.end(process)
    assert printed["plan"]["trained"] == TRIALS
    seconds = printed["seconds"]
    assert all(0 <= value < 10 * disturbed.seconds for value in seconds.values()), seconds
    survived = disturbed.stored()
    disturbed.check(survived)
    _is_a_day_ahead(disturbed.home)
    again = disturbed.run()
    assert again["plan"]["trained"] == 0
    # What took time took it, whatever the clock said meanwhile.
    assert 0 <= again["plan"]["seconds_saved"] < 10 * disturbed.seconds
    disturbed.check(survived)


def _is_a_day_ahead(home: Path) -> None:
    """All that was written before the clock was set is then in the future."""
    for path in home.rglob("*"):
        if not path.is_symlink():
            later = path.stat().st_mtime + DAY
            os.utime(path, (later, later))
