"""The record kept by a process beside this one."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from recording import PLAN, STUDY, home, runs, trial, uri

from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.recording_process import Opening, RecordingProcess


def begin(process: RecordingProcess, folder: Path) -> None:
    log, tags = folder / "record.log", {"layerwise.version": "0"}
    process.start(Opening(uri(folder), folder / "artifacts", STUDY, log, PLAN, tags, "Is it kept?"))


def ending(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "status": "FINISHED",
        "summary": {"study": STUDY, "trials": []},
        "images": {},
        "metrics": {"trials": 2.0},
        "study_yaml": f"study: {STUDY}\n",
    }
    return fields | changes


def test_what_is_submitted_is_recorded(tmp_path: Path) -> None:
    folder = home(tmp_path / "home")
    with RecordingProcess() as process:
        begin(process, folder)
        process.submit([trial(1)])
        process.submit([trial(2)])
        assert process.finish(**ending())
    trials, executions = runs(uri(folder), "trial"), runs(uri(folder), "study")
    assert [run.info.status for run in [*trials, *executions]] == ["FINISHED"] * 3
    assert {run.data.tags["layerwise.key"] for run in trials} == {trial(1).key, trial(2).key}


def test_its_chatter_goes_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    with RecordingProcess() as process:
        begin(process, folder)
        process.finish(**ending())
    assert "mlflow" in (folder / "record.log").read_text()
    assert capfd.readouterr() == ("", "")


def test_an_error_is_raised_here(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "mlflow.db").write_text("this is no database, and too short to be one")
    with RecordingProcess() as process:
        begin(process, folder)
        with pytest.raises(TrackingError, match="could not be written"):
            process.finish(**ending())


def test_a_process_that_was_killed_is_said_at_the_end_and_stops_nothing(tmp_path: Path) -> None:
    with RecordingProcess() as process:
        begin(process, home(tmp_path / "home"))
        os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.2)
        process.submit([trial(1)])
        with pytest.raises(TrackingError, match="has ended"):
            process.finish(**ending())


def test_a_terminals_interrupt_does_not_reach_it(tmp_path: Path) -> None:
    folder = home(tmp_path / "home")
    with RecordingProcess() as process:
        begin(process, folder)
        process.submit([trial(1)])
        # Wait until it has said that it listens: before that, nothing was submitted to it.
        while not (folder / "record.log").exists():
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert process.finish(**ending())


def test_a_driver_that_is_killed_leaves_no_execution_running(tmp_path: Path) -> None:
    folder = home(tmp_path / "home")
    process = RecordingProcess().__enter__()
    begin(process, folder)
    deadline = time.monotonic() + 60
    client = MlflowClient(uri(folder))
    while client.get_experiment_by_name(STUDY) is None or not runs(uri(folder), "study"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # What the kernel does for a process that has been killed.
    process._connection.close()
    while [run.info.status for run in runs(uri(folder), "study")] != ["KILLED"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.__exit__(None, None, None)


def test_it_ends_with_the_block(tmp_path: Path) -> None:
    process = RecordingProcess()
    with pytest.raises(ValueError, match="a mistake"):
        _fail_inside(process)
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def _fail_inside(process: RecordingProcess) -> None:
    with process:
        raise ValueError("a mistake")
