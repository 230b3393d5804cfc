"""Trials through MLflow's client: begun runs are completed, spare ones go."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric
from recording import STUDY, home, runs, told, trial, uri

from layerwise.platform.tracking.client import TrialRuns, keep_one_of_each, search

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return home(tmp_path)


def begin(client: MlflowClient, experiment: str, number: int) -> str:
    """A run as a crash leaves it: created, half its points logged, not ended."""
    some = trial(number)
    run = client.create_run(
        experiment, some.start_ms, tags=some.tags("an older parent"), run_name=some.run_name
    ).info.run_id
    client.log_batch(run, metrics=[Metric(*point) for point in some.points()[:30]])
    return str(run)


def test_a_run_that_was_begun_is_completed_not_doubled(place: Path) -> None:
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    begun = begin(client, experiment, 0)
    trials = TrialRuns(client, experiment)
    assert trials.recorded([trial(0).key]) == set()
    trials.write([trial(0), trial(1)], "parent")
    assert trials.recorded([trial(0).key, trial(1).key, "f" * 64]) == {trial(0).key, trial(1).key}
    assert client.get_run(begun).info.status == "FINISHED"
    found = told(uri(place))
    assert len(found) == 2
    for number in (0, 1):
        points = sum(len(series) for series in found[trial(number).key]["points"].values())
        assert points == len(trial(number).points())


def test_of_two_runs_of_a_key_the_ended_one_stays(place: Path) -> None:
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    begun = begin(client, experiment, 0)
    client.set_terminated(begun, "KILLED")
    ended = begin(client, experiment, 0)
    client.set_terminated(ended, "FINISHED")
    assert keep_one_of_each(client, experiment) == {trial(0).key: (ended, "FINISHED")}
    assert [run.info.run_id for run in runs(uri(place), "trial")] == [ended]


def test_of_what_two_executions_recorded_at_once_one_run_stays(place: Path) -> None:
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    both = [TrialRuns(client, experiment) for _ in range(2)]
    for number, trials in enumerate(both):
        trials.write([trial(0), trial(1 + number)], f"parent {number}")
    for trials in both:
        trials.close()
    found = [run.data.tags["layerwise.key"] for run in runs(uri(place), "trial")]
    assert sorted(found) == sorted(trial(number).key for number in range(3))


def test_a_run_that_somebody_is_writing_is_not_deleted(place: Path) -> None:
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    client.set_terminated(begin(client, experiment, 0), "FINISHED")
    begin(client, experiment, 0)
    keep_one_of_each(client, experiment)
    assert len(runs(uri(place), "trial")) == 2


def test_more_points_and_params_than_a_request_takes(place: Path) -> None:
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    long = trial(
        0,
        params={f"p{number}": number for number in range(130)},
        history={"train/loss": [(epoch, 1.0) for epoch in range(2500)]},
    )
    TrialRuns(client, experiment).write([long], "parent")
    (run,) = search(client, experiment, "")
    assert len(run.data.params) == 130
    assert len(client.get_metric_history(run.info.run_id, "train/loss")) == 2500
