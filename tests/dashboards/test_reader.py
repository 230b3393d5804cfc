"""A study read again and again is what one reading of it gives, and old trials are read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from growing_study import Growing, trial
from mlflow import MlflowClient

from layerwise.dashboards import reader as reader_module
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames, read
from layerwise.dashboards.reader import Reader, Reading

Begin = Callable[..., Growing]


@pytest.fixture
def begin(home: Path, tracking_uri: str, request: pytest.FixtureRequest) -> Begin:
    """Begins an execution of a study that is the test's own."""
    name = f"growing {request.node.name}"
    return lambda **tags: Growing(tracking_uri, home, name, **tags)


@pytest.fixture(params=["database", "server"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How trials are looked for: by their states, or as a server has to be asked."""
    if request.param == "server":
        monkeypatch.setattr(Reader, "_trial_states", lambda *_: None)
    return str(request.param)


def in_order(history: pd.DataFrame) -> pd.DataFrame:
    plain = history.astype({"key": str, "metric": str})
    return plain.sort_values(["key", "metric", "epoch"], ignore_index=True)


def assert_same(found: Frames, expected: Frames) -> None:
    assert found.runs.equals(expected.runs)
    assert in_order(found.history).equals(in_order(expected.history))
    assert found.study == expected.study
    assert found.images.keys() == expected.images.keys()
    assert found.execution == expected.execution
    assert found.complete == expected.complete


@pytest.mark.parametrize("study", ["crossing", "two_stages", "diverged", "one_trial", "hostile"])
def test_a_finished_study_is_what_one_reading_gives(
    study: str, request: pytest.FixtureRequest, tracking_uri: str, way: str
) -> None:
    frames: Frames = request.getfixturevalue(study)
    found = Reader(tracking_uri, frames.study["study"]).read()
    assert_same(found.frames, frames)
    assert found.state == "finished"
    assert found.planned == sum(stage["trials"] for stage in frames.study["stages"])
    assert found.trials == len(frames.runs)


def test_a_first_execution_that_runs_is_inferred(running: Frames, tracking_uri: str) -> None:
    found = Reader(tracking_uri, "running").read()
    assert_same(found.frames, running)
    assert found.state == "running"
    assert found.planned is None


def test_the_same_record_is_the_same_object(begin: Begin, tracking_uri: str, way: str) -> None:
    growing = begin()
    growing.add(0, 1)
    reader = Reader(tracking_uri, growing.study)
    first = reader.read()
    assert reader.read() is first
    MlflowClient(tracking_uri).set_tag(growing.parent, "layerwise.alive_at", "1")
    assert reader.read() is first
    MlflowClient(tracking_uri).set_tag(growing.parent, "mlflow.note.content", "Now?")
    assert reader.read().frames.study["question"] == "Now?"
    growing.record.abandon()
    assert reader.read().state == "killed"


def test_only_new_trials_are_read(
    begin: Begin, tracking_uri: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = begin()
    growing.add(4, 5)
    reader = Reader(tracking_uri, growing.study)
    reader.read()
    asked: list[str] = []
    original = reader_module.read_histories

    def noted(client: MlflowClient, metrics_of: dict[str, Any]) -> Any:
        asked.extend(metrics_of)
        return original(client, metrics_of)

    monkeypatch.setattr(reader_module, "read_histories", noted)
    # One began before those that are known: their order in the history does not matter.
    growing.add(0, 6)
    found = reader.read().frames
    assert sorted(asked) == sorted(found.runs.set_index("seed").loc[[0, 2], "run_id"])
    assert_same(found, read(tracking_uri, growing.study))
    growing.add(3, history={"validation/something_else": [(0, 1.0), (9, 2.0)]})
    assert_same(reader.read().frames, read(tracking_uri, growing.study))
    growing.record.abandon()


def test_a_later_execution_shows_all_trials_in_the_earlier_words(
    begin: Begin, tracking_uri: str, way: str
) -> None:
    first = begin()
    first.add(0, 1)
    first.finish(0, 1)
    reader = Reader(tracking_uri, first.study)
    ended = reader.read()
    assert (ended.state, ended.planned, ended.frames.complete) == ("finished", 2, True)

    second = begin(plan="b" * 64)
    assert reader.read().planned is None
    second.add(5)
    found = reader.read()
    assert found.state == "running"
    assert not found.frames.complete
    assert found.frames.execution["run_id"] == second.parent
    assert set(found.frames.runs["key"]) == {trial(number).key for number in (0, 1, 5)}
    assert found.frames.study["objective"]["metric"] == "test/reconstruction_error"
    assert found.frames.study["axes"] == ended.frames.study["axes"]
    (stage,) = found.frames.study["stages"]
    assert stage["swept"] == ["corruption.level"]
    assert stage["trials"] == 3

    second.finish(1, 5)
    found = reader.read()
    assert (found.state, found.planned, found.trials) == ("finished", 2, 3)
    assert_same(found.frames, read(tracking_uri, first.study))
    assert set(found.frames.runs["key"]) == {trial(number).key for number in (1, 5)}


def test_planned_is_what_the_record_says(begin: Begin, tracking_uri: str) -> None:
    first = begin()
    first.add(0, 1, 2)
    first.finish(0, 1, 2, status="FAILED")
    reader = Reader(tracking_uri, first.study)
    assert reader.read().state == "failed"
    again = begin()
    again.add(4)
    assert (reader.read().state, reader.read().planned) == ("running", 3)
    MlflowClient(tracking_uri).set_tag(again.parent, "layerwise.planned", "17")
    assert reader.read().planned == 17
    MlflowClient(tracking_uri).set_tag(again.parent, "layerwise.planned", "<b>many</b>")
    assert reader.read().planned == 3
    again.record.abandon()
    # As a report does, what cannot be known of a killed execution is taken from the one before.
    found = reader.read()
    assert found.state == "killed"
    assert_same(found.frames, read(tracking_uri, first.study))


def test_a_running_trial_is_followed_to_its_end(begin: Begin, tracking_uri: str, way: str) -> None:
    growing = begin()
    growing.add(0)
    client = MlflowClient(tracking_uri)
    experiment = client.get_run(growing.parent).info.experiment_id
    tags = {
        "layerwise.kind": "trial", "layerwise.key": "moving", "layerwise.stage": "codes",
        "layerwise.model": "autoencoder", "mlflow.parentRunId": growing.parent,
    }  # fmt: skip
    run = client.create_run(experiment, tags=tags).info.run_id
    reader = Reader(tracking_uri, growing.study)

    def points() -> int:
        return int((reader.read().frames.history["key"] == "moving").sum())

    assert points() == 0
    for step in range(3):
        client.log_metric(run, "train/loss", 1.0, step=step)
        assert points() == step + 1
        assert reader.read() is reader.read()
    # The last value stays, and yet there is one point more.
    client.log_metric(run, "train/loss", 1.0, step=-1)
    assert points() == 4
    for status in ("KILLED", "RUNNING", "FAILED"):
        client.set_terminated(run, status) if status != "RUNNING" else client.update_run(
            run, status
        )
        assert set(reader.read().frames.runs.set_index("key").loc[["moving"], "status"]) == {status}
    assert_same(reader.read().frames, read(tracking_uri, growing.study))
    growing.record.abandon()


def test_what_is_deleted_goes_away(
    begin: Begin, tracking_uri: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "WHOLE_SECONDS", 0.0)
    growing = begin()
    growing.add(0, 1, 2, 3)
    reader = Reader(tracking_uri, growing.study)
    runs = reader.read().frames.runs
    client = MlflowClient(tracking_uri)
    client.delete_run(runs["run_id"][1])
    left = reader.read()
    assert left.trials == 3
    assert_same(left.frames, read(tracking_uri, growing.study))
    client.restore_run(runs["run_id"][1])
    assert_same(reader.read().frames, read(tracking_uri, growing.study))
    growing.record.abandon()
    client.delete_experiment(client.get_run(growing.parent).info.experiment_id)
    with pytest.raises(RecordError, match="was deleted from MLflow"):
        reader.read()


def test_too_many_to_name_are_all_read(
    begin: Begin, tracking_uri: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "MOST_NAMED", 1)
    growing = begin()
    reader = Reader(tracking_uri, growing.study)
    for numbers in ((0, 1), (2, 3, 4), (5,)):
        growing.add(*numbers)
        assert_same(reader.read().frames, read(tracking_uri, growing.study))
    growing.record.abandon()


def test_two_runs_of_a_key_count_once(begin: Begin, tracking_uri: str) -> None:
    growing = begin()
    growing.add(0, 1)
    client = MlflowClient(tracking_uri)
    other = client.get_run(read(tracking_uri, growing.study).runs["run_id"][0])
    client.create_run(
        other.info.experiment_id, tags={**other.data.tags, "layerwise.key": trial(1).key}
    )
    found = Reader(tracking_uri, growing.study).read()
    assert found.trials == 3
    assert_same(found.frames, read(tracking_uri, growing.study))
    growing.record.abandon()


def test_nothing_yet_is_a_study_without_trials(begin: Begin, tracking_uri: str, way: str) -> None:
    growing = begin()
    reader = Reader(tracking_uri, growing.study)
    found: Reading = reader.read()
    assert (found.state, found.trials, found.planned) == ("running", 0, None)
    assert found.frames.runs.empty
    assert found.frames.history.empty
    assert found.frames.stages == ()
    assert found.frames.study["question"] == "Does it grow?"
    growing.record.abandon()
    client = MlflowClient(tracking_uri)
    client.delete_run(growing.parent)
    assert reader.read().state == "empty"
    assert reader.read().frames.execution == {}


def test_an_unknown_name_gets_a_near_miss(tracking_uri: str, crossing: Frames) -> None:
    with pytest.raises(RecordError, match=r"crosing.*Did you mean 'crossing'"):
        Reader(tracking_uri, "crosing").read()


def test_a_long_study_is_read_early_and_then_whole(running: Frames, tracking_uri: str) -> None:
    points = len(running.history)
    late = Reader(tracking_uri, "running", early=4 * points).read()
    assert late.frames.histories
    reader = Reader(tracking_uri, "running", early=points // 2)
    first = reader.read()
    assert (first.state, first.trials) == (late.state, late.trials)
    assert not first.frames.histories
    assert first.frames.history.empty
    untrained = [name for name in running.runs if name.startswith("untrained/")]
    assert first.frames.runs.equals(running.runs.drop(columns=untrained))
    second = reader.read()
    assert_same(second.frames, running)
    assert second.frames.histories
    assert reader.read() is second
