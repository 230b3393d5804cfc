"""The recorder never holds up training, and tells at the end what went wrong."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient
from recording import PLAN, STUDY, home, record, runs, told, trial, uri

from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.recorder import Recorder

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


def test_what_is_handed_in_is_in_the_record_when_it_has_finished(tmp_path: Path) -> None:
    recorder = Recorder(record(home(tmp_path)))
    recorder.start(PLAN, {}, "?")
    for number in range(6):
        recorder.submit([trial(number)])
    recorder.submit([])
    run_id = recorder.finish("FINISHED", {"study": STUDY}, {}, {"trials": 6.0}, "study: x")
    assert run_id is not None
    run = MlflowClient(uri(tmp_path)).get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["trials"] == 6.0
    assert 0 < run.data.metrics["seconds/track"] <= recorder.busy_seconds + 1
    assert len(told(uri(tmp_path))) == 6


def test_a_study_can_be_seen_while_it_trains(tmp_path: Path) -> None:
    recorder = Recorder(record(home(tmp_path)))
    recorder.start(PLAN, {}, "?")
    recorder.submit([trial(0)])
    deadline = time.monotonic() + 30
    client = MlflowClient(uri(tmp_path))
    while client.get_experiment_by_name(STUDY) is None or not runs(uri(tmp_path), "trial"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [run.info.status for run in runs(uri(tmp_path), "study")] == ["RUNNING"]
    recorder.finish("KILLED", {}, {}, {}, "")
    assert [run.info.status for run in runs(uri(tmp_path), "study")] == ["KILLED"]


def test_a_record_that_cannot_be_written_is_said_once_and_at_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    place = tmp_path / "file" / "home"
    recorder = Recorder(Record(uri(place), place / "artifacts", STUDY))
    with caplog.at_level(logging.WARNING, logger="layerwise.recorder"):
        recorder.start(PLAN, {}, "?")
        began = time.monotonic()
        recorder.submit([trial(0)])
        assert time.monotonic() - began < 0.1
        with pytest.raises(TrackingError, match="run the study again to record them"):
            recorder.finish("FINISHED", {}, {}, {}, "")
    assert "could not be written" in caplog.text


def test_a_record_that_comes_back_before_the_end_is_complete(tmp_path: Path) -> None:
    obstacle = tmp_path / "home"
    obstacle.write_text("not a folder yet")
    recorder = Recorder(Record(uri(obstacle), obstacle / "artifacts", STUDY))
    recorder.start(PLAN, {}, "?")
    recorder.submit([trial(0)])
    while recorder.busy_seconds == 0:
        time.sleep(0.01)
    recorder.submit([trial(1)])
    obstacle.unlink()
    home(obstacle)
    recorder.finish("FINISHED", {}, {}, {}, "")
    assert set(told(uri(obstacle))) == {trial(0).key, trial(1).key}


def test_something_that_is_no_number_is_a_tracking_error_too(tmp_path: Path) -> None:
    recorder = Recorder(record(home(tmp_path)))
    recorder.start(PLAN, {}, "?")
    recorder.submit([trial(0, history={"train/loss": [(0, "a word")]})])
    with pytest.raises(TrackingError, match="could not be completed"):
        recorder.finish("FINISHED", {}, {}, {}, "")
    (run,) = runs(uri(tmp_path), "study")
    assert run.info.status == "KILLED"
    assert not MlflowClient(uri(tmp_path)).list_artifacts(run.info.run_id)


def test_finishing_what_was_never_started_does_not_wait_for_ever(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="start"):
        Recorder(record(tmp_path)).finish("FINISHED", {}, {}, {}, "")


def test_an_execution_whose_driver_has_gone_is_ended_as_killed(tmp_path: Path) -> None:
    recorder = Recorder(record(home(tmp_path)))
    recorder.start(PLAN, {}, "?")
    recorder.submit([trial(0)])
    recorder.abandon(30)
    assert [run.info.status for run in runs(uri(tmp_path), "study")] == ["KILLED"]
    Recorder(record(tmp_path)).abandon(30)
