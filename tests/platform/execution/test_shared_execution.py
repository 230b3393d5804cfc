"""Executions that run at the same time on one home, with real faults: nothing is trained twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from in_one_session import Heard, execution, run
from running import ended_at, recorded_runs, start, until, write_study
from without_ray import TWO_LAYERS

from layerwise.platform.execution.ray_session import RaySession
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.store.leases import EXPIRY_SECONDS, Leases


def holders(home: Path) -> dict[str, str]:
    """Which driver holds which key."""
    return Leases(home / "store").holders()


def descendants(pid: int) -> list[int]:
    """A process and all it started, as far as they are alive."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def ended(process: subprocess.Popen[str]) -> tuple[dict[str, int], str]:
    """The plan that a run printed at its end, and what it said meanwhile."""
    output, error = process.communicate(timeout=400)
    assert process.returncode == 0, error
    return json.loads(output)["plan"], error


def recorded_once(home: Path, study: str, trials: int) -> None:
    """Every trial of a study has one run in the record, and nothing is left running."""
    runs = recorded_runs(home, study)
    assert {r.info.status for r in runs} == {"FINISHED"}
    counts = Counter(r.data.tags["layerwise.key"] for r in runs if "layerwise.key" in r.data.tags)
    assert len(counts) == trials
    assert set(counts.values()) == {1}


def test_three_at_once_train_each_trial_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    study = write_study(tmp_path, epochs=60)
    other = write_study(tmp_path, name="other", levels="0.2, 0.3", epochs=60)
    # The same study twice, and another one that shares half of it.
    processes = [start(home, path, "--no-report") for path in (study, study, other)]
    plans = [ended(process)[0] for process in processes]
    assert [plan["trials"] for plan in plans] == [12, 12, 12]
    assert all(plan["trained"] + plan["reused"] == 12 for plan in plans)
    assert sum(plan["trained"] for plan in plans) == len(ended_at(home)) == 18
    recorded_once(home, "layers", 12)
    recorded_once(home, "other", 12)
    assert holders(home) == {}


def test_what_a_killed_driver_held_is_taken_over_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    study = write_study(tmp_path, epochs=60)
    wider = write_study(tmp_path, name="wider", levels="0.0, 0.2, 0.3", epochs=60)
    killed = start(home, study)
    until(lambda: bool(holders(home)), seconds=170)
    # It hangs before it dies, workers and all, so that the other run surely has to wait for it.
    processes = descendants(killed.pid)
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        theirs = holders(home)
        other = start(home, wider, "--no-report")
        # Its own work goes on meanwhile.
        until(lambda: len(set(holders(home).values())) == 2, seconds=170)
        assert holders(home).items() >= theirs.items()
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGKILL)
        killed.communicate()
    began = time.monotonic()
    until(lambda: bool(holders(home).keys() & theirs.keys()), seconds=EXPIRY_SECONDS)
    print(f"taken over after {time.monotonic() - began:.1f} s")
    plan, said = ended(other)
    assert "being trained by another run, and awaited" in said
    # Nothing of the killed one's was stored.
    assert plan["trained"] == plan["trials"] == len(ended_at(home)) == 18
    recorded_once(home, "wider", 18)


class WhenAwaiting(Heard):
    """Does something a moment after it is told that trials are awaited."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.timer = threading.Timer(1.5, then)

    def awaited(self, cohort: Cohort) -> None:
        super().awaited(cohort)
        if self.timer.ident is None:
            self.timer.start()


def test_while_all_is_trained_elsewhere_a_run_waits_and_then_takes_over(
    tmp_path: Path, ray_session: RaySession
) -> None:
    made = execution(tmp_path / "home", TWO_LAYERS)
    keys = {trial.key for trial in made.plan.trials()}
    with Leases(tmp_path / "home" / "store") as held:
        assert held.acquire(keys) == keys
        heard = WhenAwaiting(lambda: held.release(keys))
        outcome = run(ray_session, made, heard)
    first = {trial.key for trial in made.plan.trials() if trial.depth == 0}
    assert {t.key for c in heard.awaited_ for t in c.trials} >= first
    assert set(outcome.trained) == keys


def test_a_run_that_only_waits_ends_when_asked(tmp_path: Path, ray_session: RaySession) -> None:
    made = execution(tmp_path / "home", TWO_LAYERS)
    keys = {trial.key for trial in made.plan.trials()}
    with Leases(tmp_path / "home" / "store") as held:
        held.acquire(keys)
        outcome = run(ray_session, made, WhenAwaiting(made.stop))
        assert held.holders().keys() == keys
    assert outcome.interrupted
    assert not outcome.manifests
