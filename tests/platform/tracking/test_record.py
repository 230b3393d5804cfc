"""The record on a real SQLite MLflow: exactly once, whatever was interrupted, and by whom."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from recording import (
    PLAN,
    STUDY,
    execute,
    home,
    mlflow_server,
    record,
    runs,
    summary,
    told,
    trial,
    uri,
    writer,
)

from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.record import LEASE_SECONDS, Record, TrackedData

# SQLAlchemy 2.1 on what MLflow 3.17 asks of it.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return home(tmp_path / "a home with blanks")


@pytest.fixture(params=[True, False], ids=["bulk", "client"])
def bulk(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_an_execution_is_a_parent_run_with_everything_one_asks_about_it(place: Path) -> None:
    execution = record(place)
    execution.open(PLAN, {"layerwise.version": "0.1.0"}, "Does it help?")
    execution.log_trials([trial(0), trial(1)])
    run_id = execution.close(
        "FINISHED",
        {"study": STUDY, "best": np.float32(0.5), "lost": float("nan"), "axes": {"x": (1, 2)}},
        {"best/clean": np.ones((3, 8, 8))},
        {"trials": 2.0, "seconds/total": 4.5},
        "study: x\n",
        TrackedData("digits", "ab" * 32, "scikit-learn", {"train": 1258, "test": 270}, 64),
    )
    assert run_id is not None
    client = MlflowClient(uri(place))
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.tags["layerwise.plan_key"] == PLAN
    assert run.data.tags["layerwise.version"] == "0.1.0"
    assert run.data.tags["mlflow.note.content"] == "Does it help?"
    assert run.data.metrics == {"trials": 2.0, "seconds/total": 4.5}
    assert {file.path for file in client.list_artifacts(run_id)} == {
        "study.json",
        "study.yaml",
        "images.npz",
    }
    assert summary(uri(place), run_id) == {
        "study": STUDY,
        "best": 0.5,
        "lost": None,
        "axes": {"x": [1, 2]},
    }
    with np.load(client.download_artifacts(run_id, "images.npz")) as images:
        assert images["best/clean"].dtype == np.float32
    assert run.inputs is not None
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("digits", ("ab" * 32)[:36])
    assert {child.data.tags["mlflow.parentRunId"] for child in runs(uri(place), "trial")} == {
        run_id
    }
    assert Path(place / "artifacts" / STUDY / run_id / "artifacts" / "study.yaml").exists()


def test_a_replay_adds_nothing(place: Path, bulk: bool) -> None:
    trials = [trial(number) for number in range(4)]
    assert execute(place, trials, bulk=bulk) is not None
    before = told(uri(place))
    assert execute(place, trials, bulk=bulk) is None
    assert told(uri(place)) == before
    assert len(runs(uri(place), "study")) == 1


def test_a_study_that_grew_adds_only_what_is_new(place: Path, bulk: bool) -> None:
    first = execute(place, [trial(0), trial(1)], bulk=bulk)
    second = execute(place, [trial(1), trial(2)], bulk=bulk)
    parents = {
        run.data.tags["layerwise.key"]: run.data.tags["mlflow.parentRunId"]
        for run in runs(uri(place), "trial")
    }
    assert parents == {trial(0).key: first, trial(1).key: first, trial(2).key: second}


def test_bulk_and_client_leave_the_same_record(tmp_path: Path) -> None:
    history = {"train/loss": [(0, 2.5), (1, float("nan")), (2, float("inf")), (3, -float("inf"))]}
    trials = [
        trial(0),
        trial(1, reused=True, parent_keys=("0" * 64, "1" * 64), depth=2),
        trial(2, diverged_at=3, history=history),
        trial(3, params={"long": "x" * 9000, "none": None, "scalar": np.float64(0.1)}),
        trial(4, history={}, params={}),
        trial(5, history={"train/loss": [(0, 1.0)]}, ended=0.0),
    ]
    for name, bulk in (("bulk", True), ("client", False)):
        execute(home(tmp_path / name), trials, bulk=bulk)
    bulk_told, client_told = told(uri(tmp_path / "bulk")), told(uri(tmp_path / "client"))
    for told_trial in (*bulk_told.values(), *client_told.values()):
        told_trial["info"].pop("artifact_uri")
    assert bulk_told == client_told
    assert len(bulk_told) == len(trials)


def test_what_is_not_finite_is_not_a_number_and_says_so(place: Path, bulk: bool) -> None:
    history = {"train/loss": [(0, 1.0), (1, float("inf"))], "train/x": [(1, float("nan"))]}
    execute(place, [trial(0, history=history, diverged_at=1)], bulk=bulk)
    (run,) = runs(uri(place), "trial")
    assert run.info.status == "FAILED"
    assert run.data.tags["layerwise.diverged_at"] == "1"
    assert run.data.tags["layerwise.infinite"] == "train/loss at 1: +inf"
    assert all(value != value for value in run.data.metrics.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_in_the_middle_every_trial_is_there_once_after_a_replay(
    tmp_path: Path, place: Path, bulk: bool, seed: int
) -> None:
    trials = [trial(number) for number in range(40)]
    process = writer(place, trials, bulk=bulk)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    time.sleep(random.Random(seed).uniform(0.0, 0.3 if bulk else 0.8))
    process.kill()
    process.communicate()
    execute(place, trials, bulk=bulk)
    execute(undisturbed := home(tmp_path / "undisturbed"), trials)
    expected = told(uri(undisturbed))
    for key, found in told(uri(place)).items():
        found["info"].pop("artifact_uri")
        expected[key]["info"].pop("artifact_uri")
        assert found == expected.pop(key)
    assert not expected
    statuses = sorted(run.info.status for run in runs(uri(place), "study"))
    assert statuses in (["FINISHED", "KILLED"], ["FINISHED"])


def test_what_a_dead_execution_left_running_is_ended_as_killed(place: Path) -> None:
    process = writer(place, [trial(number) for number in range(200)], bulk=False)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    process.kill()
    process.communicate()
    execution = record(place)
    execution.open("b2" * 32, {}, "")
    assert {run.info.status for run in runs(uri(place), "trial")} <= {"FINISHED", "KILLED"}
    assert sorted(run.info.status for run in runs(uri(place), "study")) == ["KILLED", "RUNNING"]
    execution.close("KILLED", {}, {}, {}, "")


def test_a_living_execution_is_left_alone(place: Path) -> None:
    first = record(place)
    first.open(PLAN, {}, "")
    execute(place, [trial(0)])
    assert sorted(run.info.status for run in runs(uri(place), "study")) == ["FINISHED", "RUNNING"]
    first.log_trials([trial(0), trial(1)])
    assert first.close("FINISHED", {}, {}, {}, "") is not None
    assert len(told(uri(place))) == 2


@pytest.mark.parametrize(("silent", "status"), [(0.5, "RUNNING"), (1.5, "KILLED")])
def test_on_another_host_silence_for_an_hour_is_death(
    place: Path, silent: float, status: str
) -> None:
    execution = record(place)
    execution.open(PLAN, {}, "")
    (run,) = runs(uri(place), "study")
    client = MlflowClient(uri(place))
    client.set_tag(run.info.run_id, "layerwise.process", "another-host/boot/17/1234")
    heard = int(time.time() - silent * LEASE_SECONDS)
    client.set_tag(run.info.run_id, "layerwise.alive_at", str(heard))
    execute(place, [trial(0)])
    assert client.get_run(run.info.run_id).info.status == status


def test_a_deleted_experiment_comes_back_and_a_deleted_run_is_written_again(place: Path) -> None:
    execute(place, [trial(0), trial(1)])
    client = MlflowClient(uri(place))
    (first, _) = runs(uri(place), "trial")
    client.delete_run(first.info.run_id)
    experiment = client.get_experiment_by_name(STUDY)
    assert experiment is not None
    client.delete_run(first.info.run_id)
    execute(place, [trial(0), trial(1)])
    assert len(told(uri(place))) == 2
    client.delete_experiment(experiment.experiment_id)
    execute(place, [trial(0), trial(1)])
    assert len(told(uri(place))) == 2


def test_a_server_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    began = time.monotonic()
    with pytest.raises(
        TrackingError, match=r"the record could not be written.*run the study again"
    ):
        Record(address, tmp_path, STUDY).open(PLAN, {}, "")
    assert time.monotonic() - began < 15
    assert not list(tmp_path.iterdir())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with mlflow_server(home(tmp_path / "server"), log=tmp_path / "log") as address:
        yield address


@pytest.mark.slow
def test_a_server_is_written_like_a_file(server: str, tmp_path: Path) -> None:
    trials = [trial(number) for number in range(3)]
    for again in (False, True):
        execution = Record(server, tmp_path / "artifacts", STUDY)
        execution.open(PLAN, {}, "?")
        execution.log_trials(trials)
        run = execution.close("FINISHED", {"study": STUDY}, {}, {"trials": 3.0}, "study: x")
        assert (run is None) == again
        if run is not None:
            assert summary(server, run) == {"study": STUDY}
    execute(home(tmp_path / "file"), trials)
    over_http, in_file = told(server), told(uri(tmp_path / "file"))
    for told_trial in (*over_http.values(), *in_file.values()):
        told_trial["info"].pop("artifact_uri")
    assert over_http == in_file
