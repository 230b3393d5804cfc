"""Trials to record, homes to record them in, and the record as MLflow's own client reads it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import pickle
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run

from layerwise.platform.tracking.database import create_database
from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.tracked_trial import TrackedTrial

STUDY = "corruption against contraction 1.0"
PLAN = "a1" * 32


def trial(number: int, **changes: Any) -> TrackedTrial:
    """A trial with 20 epochs of five metrics, the same for the same number."""
    draw = random.Random(number)
    names = ("train/loss", "validation/hoyer_sparsity", "validation/reconstruction_error")
    fields: dict[str, Any] = {
        "key": hashlib.sha256(str(number).encode()).hexdigest(),
        "stage": "codes",
        "depth": 0,
        "model": "denoising_autoencoder",
        "seed": number % 3,
        "parent_keys": (),
        "setting": "5e" * 8,
        "cohort": "c0" * 8,
        "reused": False,
        "params": {"corruption.level": draw.random(), "hidden": 32, "tied": True, "kind": "é"},
        "history": {
            **{name: [(epoch, draw.gauss(0, 1)) for epoch in range(21)] for name in names},
            "test/reconstruction_error": [(0, draw.random()), (20, draw.random())],
        },
        "started": 1_790_000_000.25 + number,
        "ended": 1_790_000_003.5 + number,
        "diverged_at": None,
    }
    return TrackedTrial(**(fields | changes))


@functools.cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="layerwise-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create_database(folder / "mlflow.db", folder / "artifacts")
    return folder / "mlflow.db"


def home(folder: Path) -> Path:
    """The folder, with a copy of a database that was made once (making one takes a second)."""
    folder.mkdir(exist_ok=True)
    shutil.copy(_template(), folder / "mlflow.db")
    return folder


def uri(folder: Path) -> str:
    return f"sqlite:///{folder / 'mlflow.db'}"


def record(folder: Path, *, bulk: bool = True) -> Record:
    return Record(uri(folder), folder / "artifacts", STUDY, bulk=bulk)


def execute(
    folder: Path, trials: Sequence[TrackedTrial], *, bulk: bool = True, status: str = "FINISHED"
) -> str | None:
    """One whole execution: open, log, close."""
    execution = record(folder, bulk=bulk)
    execution.open(PLAN, {"layerwise.version": "0.1.0"}, "Does it help?")
    execution.log_trials(trials)
    return execution.close(
        status, {"trials": [trial.key for trial in trials]}, {}, {"trials": len(trials)}, "study: x"
    )


def runs(address: str, kind: str) -> list[Run]:
    """All runs of a kind ("study" or "trial") that MLflow shows for the study."""
    client = MlflowClient(address)
    experiment = client.get_experiment_by_name(STUDY)
    assert experiment is not None
    found = client.search_runs(
        [experiment.experiment_id], f"tags.`layerwise.kind` = '{kind}'", max_results=10_000
    )
    return list(found)


def told(address: str) -> dict[str, Any]:
    """Everything the record holds on every trial, by key; ids replaced. One run per key."""
    client = MlflowClient(address)
    by_key: dict[str, Any] = {}
    for run in runs(address, "trial"):
        key = run.data.tags["layerwise.key"]
        assert key not in by_key, "a key has two runs"
        info = dict(run.info)
        info["artifact_uri"] = info["artifact_uri"].replace(info["run_id"], "<id>")
        for changing in ("run_id", "run_uuid", "experiment_id"):
            info.pop(changing, None)
        by_key[key] = {
            "info": info,
            "params": run.data.params,
            "tags": run.data.tags | {"mlflow.parentRunId": "<parent>"},
            "latest": {name: repr(value) for name, value in run.data.metrics.items()},
            "points": {
                name: sorted(
                    (point.step, repr(point.value), point.timestamp)
                    for point in client.get_metric_history(run.info.run_id, name)
                )
                for name in run.data.metrics
            },
        }
    return by_key


_WRITER = """
import pickle, sys
from pathlib import Path
from layerwise.platform.tracking.record import Record
address, folder, study, plan, bulk, path = sys.argv[1:]
trials = pickle.loads(Path(path).read_bytes())
execution = Record(address, Path(folder) / "artifacts", study, bulk=bulk == "True")
execution.open(plan, {}, "")
print("open", flush=True)
for trial in trials:
    execution.log_trials([trial])
execution.close("FINISHED", {"trials": [trial.key for trial in trials]}, {}, {}, "")
print("closed", flush=True)
"""


def writer(
    folder: Path, trials: Sequence[TrackedTrial], *, bulk: bool = True
) -> subprocess.Popen[str]:
    """A process that executes the study, trial by trial; it prints "open", then "closed"."""
    handed = folder / f"trials-{os.urandom(4).hex()}"
    handed.write_bytes(pickle.dumps(list(trials)))
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, uri(folder), folder, STUDY, PLAN, str(bulk), handed],
        stdout=subprocess.PIPE,
        text=True,
    )


def summary(address: str, run: str) -> Any:
    """``study.json`` of a parent run."""
    path = MlflowClient(address).download_artifacts(run, "study.json")
    return json.loads(Path(path).read_text())


@contextlib.contextmanager
def mlflow_server(folder: Path, *, log: Path) -> Iterator[str]:
    """The address of an MLflow server of its own on loopback, whose record lies in this home."""
    with free_port() as port:
        command = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", uri(folder)]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    with running_mlflow(command, f"http://127.0.0.1:{port}", "/health", log):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def free_port() -> Iterator[int]:
    """A port of loopback that nobody listens at once this ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield free.getsockname()[1]


@contextlib.contextmanager
def running_mlflow(
    command: Sequence[str], address: str, answers: str, log: Path, **variables: str
) -> Iterator[None]:
    """MLflow's command in a process group of its own, from its first answer to its end.

    A server takes connections long before it answers, while its worker imports.
    """
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *command],
            stdout=stream,
            stderr=stream,
            cwd=log.parent,
            env=os.environ | variables,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(address + answers, timeout=5):
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
