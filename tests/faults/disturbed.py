"""A small study to disturb, and the oracle: what has to hold after every fault."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from running import COMMAND, ended_at, environment, equal, until, weights

from layerwise.platform.store import Store

NAME = "disturbed"
# Two seconds of training in three cohorts, one after another.
STUDY = f"""
study: {NAME}
question: Does it survive?
data: {{name: digits, validation: 0.15, test: 0.15}}
seeds: [0, 1]
stages:
  - name: first
    model: denoising_autoencoder
    hidden: 24
    corruption: {{kind: gaussian, level: {{grid: [0.0, 0.2]}}}}
    learning_rate: 0.01
    epochs: 100
  - name: second
    model: contractive_autoencoder
    hidden: 16
    contraction: {{weight: 0.1}}
    learning_rate: 0.01
    epochs: 100
  - name: third
    model: autoencoder
    hidden: 8
    learning_rate: {{grid: [0.003, 0.01]}}
    epochs: 100
"""
TRIALS = 4 + 4 + 8
# How many are stored after each cohort.
SIZES = (4, 8, 16)
MARK = "LAYERWISE_FAULTS"


class Disturbed:
    """A home of its own for the study, the processes at work in it, and what they leave.

    ``seconds`` is how long an undisturbed run takes on this machine.
    """

    def __init__(self, folder: Path, undisturbed: Disturbed | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.study = folder / f"{NAME}.yaml"
        self.study.write_text(STUDY)
        self.seconds = 0.0 if undisturbed is None else undisturbed.seconds
        self.undisturbed = undisturbed
        self.mark = uuid.uuid4().hex
        # Ray's sockets have names of a hundred characters at most.
        self.ray = Path(tempfile.mkdtemp(prefix="lwf-", dir="/tmp"))
        self.variables: dict[str, str] = {}
        if undisturbed is not None:
            # The same step times make the same cohorts, and the same cohorts the same bits.
            self.home.mkdir()
            shutil.copy(undisturbed.home / "calibration.json", self.home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def start(self, *options: str) -> subprocess.Popen[str]:
        """``layerwise run``, leader of a process group of its own, as in a terminal."""
        marks = {MARK: self.mark, "RAY_TMPDIR": str(self.ray), **self.variables}
        return subprocess.Popen(
            [COMMAND, "--home", str(self.home), "run", str(self.study), "--json", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**marks),
            start_new_session=True,
        )

    def run(self, *options: str) -> dict[str, Any]:
        """Run the study to its end; gives what ``--json`` printed."""
        began = time.monotonic()
        printed, _ = self.end(self.start("--no-report", *options))
        self.seconds = self.seconds or time.monotonic() - began
        return printed

    def wait(self, moment: Callable[[float, float], float], training: bool = False) -> None:
        """Wait for a random moment of a run that was just started.

        Half of them anywhere, from the first import to the last figure; half of them, or all
        where ``training``, after a random cohort has been stored and before the next one is.
        """
        if not training and random.random() < 0.5:
            # The command has begun: it has started the process that keeps the record.
            until(lambda: len(self.processes()) > 1, 60)
            time.sleep(moment(0.0, 0.8 * self.seconds))
            return
        stored = random.choice([0, *SIZES[:-1]])
        print(f"waiting for {stored} trials in the store")
        until(
            lambda: (
                len(self.keys()) == TRIALS or (bool(self.workers()) and len(self.keys()) >= stored)
            ),
            400,
        )
        time.sleep(moment(0.0, self.seconds / 12))

    def keys(self) -> set[str]:
        """What is stored, unverified."""
        folder = self.home / "store"
        return set(Store(folder).keys()) if folder.exists() else set()

    def end(
        self, process: subprocess.Popen[str], code: int = 0, patience: float = 600.0
    ) -> tuple[dict[str, Any], str]:
        """Wait for the end; gives what it printed, and what it said on standard error."""
        try:
            output, error = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise AssertionError(f"no end after {patience} s\n{self.log()}") from late
        assert process.returncode == code, f"{process.returncode}\n{error}\n{self.log()}"
        assert "Traceback" not in error, error
        return (json.loads(output) if output.strip() else {}), error

    def log(self) -> str:
        """The end of the newest log."""
        logs = sorted((self.home / "logs").glob("*"), key=lambda path: path.stat().st_mtime)
        return logs[-1].read_text(errors="replace")[-6000:] if logs else ""

    def workers(self) -> list[int]:
        """The processes that train, by their names."""
        return [pid for pid in self.processes() if "Trainable" in _title(pid)]

    def processes(self) -> list[int]:
        """Everything that was started for this home and still runs."""
        found = []
        mark = f"{MARK}={self.mark}".encode()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
                # A worker that names itself writes over its environment; its log stays open.
                ours = mark in (path / "environ").read_bytes().split(b"\0") or any(
                    os.readlink(file).startswith(f"{self.ray}/") for file in (path / "fd").iterdir()
                )
            except OSError:
                continue
            if ours and state not in "ZX":
                found.append(int(path.name))
        return found

    def leave(self) -> None:
        """End whatever is left, and remove Ray's files."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        shutil.rmtree(self.ray, ignore_errors=True)

    def stored(self) -> dict[str, float]:
        """When each stored trial's training ended: changes only when it is trained again."""
        return ended_at(self.home)

    def check(
        self,
        survived: Mapping[str, float] | None = None,
        *,
        retrained: frozenset[str] = frozenset(),
        database: Path | None = None,
    ) -> None:
        """The oracle.

        Args:
            survived: what was stored right after the fault: none of it may be trained again.
            retrained: keys that had to be, alone: equal but for the last bits.
            database: the record, where it is not the home's.
        """
        assert self.undisturbed is not None
        now = self.stored()
        assert len(now) == TRIALS
        for key, ended in (survived or {}).items():
            assert key in retrained or now[key] == ended, f"{key} was trained twice"
        expected, found = weights(self.undisturbed.home), weights(self.home)
        assert found.keys() == expected.keys()
        for key, arrays in found.items():
            if key in retrained:
                for name, array in arrays.items():
                    np.testing.assert_allclose(array, expected[key][name], rtol=1e-3, atol=1e-4)
            else:
                assert equal(arrays, expected[key]), f"{key} has other bits"
        check_record(database or self.home / "mlflow.db", self.home)


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:  # it has ended
        return ""


def check_record(database: Path, home: Path, trials: int = TRIALS) -> None:
    """One run for each key, none at work, and each (run, metric, step) once, as in the store."""
    with sqlite3.connect(database, timeout=60) as record:
        statuses = Counter(record.execute("SELECT status FROM runs").fetchall())
        assert ("RUNNING",) not in statuses, statuses
        twice = "SELECT run_uuid, key, step FROM metrics GROUP BY 1, 2, 3 HAVING COUNT(*) > 1"
        assert record.execute(twice).fetchall() == []
        keys = Counter(
            key
            for (key,) in record.execute(
                "SELECT value FROM tags JOIN runs USING (run_uuid) "
                "WHERE key = 'layerwise.key' AND lifecycle_stage = 'active'"
            )
        )
        held = Store(home / "store")
        assert len(keys) == trials
        assert keys == dict.fromkeys(held.keys(), 1)
        points = Counter(
            dict(
                record.execute(
                    "SELECT tags.value, COUNT(*) FROM metrics JOIN tags USING (run_uuid) "
                    "JOIN runs USING (run_uuid) WHERE tags.key = 'layerwise.key' "
                    "AND lifecycle_stage = 'active' GROUP BY 1"
                ).fetchall()
            )
        )
    for key in keys:
        history = held.manifest(key)["history"]
        assert points[key] == sum(len(series) for series in history.values()), key
