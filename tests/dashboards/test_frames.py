"""Reading a study's record: which trials, which columns, which values."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from made_studies import CROSSING, Made, measures, write
from mlflow import MlflowClient
from mlflow.entities import Metric

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames, history_frame, read, runs_frame
from layerwise.dashboards.points import Points


def test_runs_has_a_row_per_trial_with_its_tags(crossing: Frames) -> None:
    runs = crossing.runs
    assert len(runs) == 36
    assert runs["key"].is_unique
    assert sorted(runs["key"]) == sorted(crossing.study["trials"])
    assert set(runs["stage"]) == {"codes"}
    assert set(runs["depth"]) == {0}
    assert set(runs["seed"]) == {0, 1, 2}
    assert runs["setting"].nunique() == 12
    assert set(runs["status"]) == {"FINISHED"}
    assert runs["diverged_at"].isna().all()
    assert not runs["reused"].any()


def test_parameters_are_numbers_where_they_can_be(crossing: Frames) -> None:
    for path, values in CROSSING.items():
        assert crossing.runs[path].dtype == float
        assert sorted(crossing.runs[path].unique()) == sorted(values)
    assert set(crossing.runs["corruption.kind"]) == {"gaussian"}
    assert set(crossing.runs["hidden"]) == {32.0}


def test_metrics_are_the_last_values_and_untrained_the_first(crossing: Frames) -> None:
    for row in crossing.runs.to_dict("records"):
        setting = {path: row[path] for path in CROSSING}
        first, last = (measures(setting, row["seed"], epoch, 6) for epoch in (0, 6))
        name = "reconstruction_error"
        assert row[f"validation/{name}"] == pytest.approx(last[name])
        assert row[f"test/{name}"] == pytest.approx(1.02 * last[name])
        assert row[f"untrained/{name}"] == pytest.approx(1.02 * first[name])


def test_history_agrees_with_mlflows_own_client(crossing: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    row = crossing.runs.iloc[17]
    mine = crossing.history[crossing.history["key"] == row["key"]]
    for name in ("validation/reconstruction_error", "test/jacobian_norm", "train/loss"):
        theirs = {m.step: m.value for m in client.get_metric_history(row["run_id"], name)}
        part = mine[mine["metric"] == name]
        assert dict(zip(part["epoch"], part["value"], strict=True)) == theirs
    assert list(crossing.history.columns) == ["key", "metric", "epoch", "value"]
    assert len(crossing.history) == 36 * (7 * 7 + 2 * 5)


def test_study_images_and_execution_come_along(crossing: Frames) -> None:
    assert crossing.complete
    assert crossing.study["question"].startswith("Do noise")
    assert crossing.images["best/clean"].shape == (16, 8, 8)
    assert crossing.images["best/clean"].dtype == np.float32
    assert crossing.execution["status"] == "FINISHED"
    assert crossing.execution["tags"]["layerwise.version"] == "0.1.0"


def test_a_diverged_trial_is_failed_and_says_when(diverged: Frames) -> None:
    failed = diverged.runs[diverged.runs["status"] == "FAILED"]
    assert len(failed) == 3
    assert set(failed["diverged_at"]) == {2.0}
    assert failed["validation/reconstruction_error"].isna().all()
    assert diverged.runs["stopped_at"].isna().all()


def test_a_stopped_trial_says_when(tracking_uri: str, crossing: Frames) -> None:
    client = MlflowClient(tracking_uri)
    found = {
        key: client.get_run(run) for key, run in crossing.runs.set_index("key")["run_id"].items()
    }
    stopped = next(iter(found))
    found[stopped].data.tags["layerwise.stopped_at"] = "4"
    runs = runs_frame(found, crossing.history).set_index("key")
    assert runs.loc[stopped, "stopped_at"] == 4.0
    assert runs["stopped_at"].notna().sum() == 1


def test_an_unfinished_study_is_inferred_from_its_trials(running: Frames) -> None:
    assert not running.complete
    assert len(running.runs) == 20
    assert running.study["study"] == "running"
    assert running.study["question"].startswith("Do noise")
    (stage,) = running.study["stages"]
    assert stage["name"] == "codes"
    assert set(stage["swept"]) == set(CROSSING)
    assert stage["fixed"]["corruption.kind"] == "gaussian"


def test_the_newest_execution_with_study_json_is_read(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    made = Made(name="again", swept={"corruption.level": (0.0, 0.4)}, seeds=(0,))
    first = write(uri, tmp_path / "artifacts", made)
    client = MlflowClient(uri)
    experiment = client.get_run(first).info.experiment_id
    keys = read(uri, "again").study["trials"]
    second = client.create_run(experiment, tags={"layerwise.kind": "study"}).info.run_id
    (tmp_path / "study.json").write_text(
        json.dumps({**read(uri, "again").study, "trials": keys[:1], "question": "Second?"})
    )
    client.log_artifact(second, str(tmp_path / "study.json"))
    client.create_run(experiment, tags={"layerwise.kind": "study"})  # has no study.json yet
    latest = read(uri, "again")
    assert latest.study["question"] == "Second?"
    assert list(latest.runs["key"]) == keys[:1]
    assert latest.execution["run_id"] == second


def test_runs_can_be_named_by_their_ids(crossing: Frames, tracking_uri: str) -> None:
    chosen = list(crossing.runs["run_id"][:4])
    some = read(tracking_uri, chosen)
    assert sorted(some.runs["run_id"]) == sorted(chosen)
    whole = read(tracking_uri, [crossing.execution["run_id"]])
    assert sorted(whole.runs["key"]) == sorted(crossing.runs["key"])


def test_unknown_names_get_a_near_miss(tracking_uri: str, crossing: Frames) -> None:
    with pytest.raises(RecordError, match=r"crosing.*Did you mean 'crossing'"):
        read(tracking_uri, "crosing")
    with pytest.raises(RecordError, match="must name at least one run"):
        read(tracking_uri, [])
    with pytest.raises(RecordError, match="cannot be read"):
        read(tracking_uri, ["0" * 32])
    with pytest.raises(RecordError, match="stage: must be one of codes"):
        crossing.stage("cods")


def test_infinities_return_from_mlflow(tmp_path: Path) -> None:
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.create_experiment("inf")
    tags = {"layerwise.kind": "trial", "layerwise.key": "a", "layerwise.stage": "s"}
    run = client.create_run(experiment, tags={**tags, "layerwise.model": "m"}).info.run_id
    client.log_batch(run, [Metric("train/loss", math.inf, 1, 0), Metric("x", -math.inf, 1, 0)])
    found = read(f"sqlite:///{tmp_path / 'mlflow.db'}", "inf")
    assert found.runs["train/loss"].item() == math.inf
    assert set(found.history["value"]) == {math.inf, -math.inf}


def test_a_point_logged_twice_counts_once_and_the_later_wins() -> None:
    points = [("r", "m", 1, 2.0, 20), ("r", "m", 1, 1.0, 10), ("r", "m", 0, 5.0, 5)]
    frame = history_frame({"r": "key"}, Points.of(points))
    assert list(frame["epoch"]) == [0, 1]
    assert list(frame["value"]) == [5.0, 2.0]
    assert history_frame({}, Points.of([])).empty
