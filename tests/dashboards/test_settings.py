"""A setting's values are its trials' own; its metrics the means that MLflow's client gives too."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from layerwise.dashboards import settings
from layerwise.dashboards.effects import ranked
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


def by_setting(uri: str, study: str) -> dict[str, list[Run]]:
    """The trials of a study by their setting, straight from MLflow."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(study)
    found: dict[str, list[Run]] = defaultdict(list)
    for run in client.search_runs([experiment.experiment_id]):
        if run.data.tags["layerwise.kind"] == "trial":
            found[run.data.tags["layerwise.setting"]].append(run)
    return found


@pytest.mark.parametrize("study", ["crossing", "diverged"])
def test_values_and_means_are_those_of_the_record(
    study: str, tracking_uri: str, request: pytest.FixtureRequest
) -> None:
    frames: Frames = request.getfixturevalue(study)
    columns = ("sparsity.weight", ERROR, "test/hoyer_sparsity")
    found = settings.setting_values(frames, "codes", columns)
    counts = settings.seed_counts(frames, "codes", ERROR)
    runs = by_setting(tracking_uri, study)
    assert set(found.index) == set(runs)
    assert list(found.columns) == list(columns)
    for setting, own in runs.items():
        good = [run.data.metrics for run in own if run.info.status == "FINISHED"]
        assert found.loc[setting, "sparsity.weight"] == float(own[0].data.params["sparsity.weight"])
        assert counts[setting] == len(good)
        for metric in columns[1:]:
            mean = sum(metrics[metric] for metrics in good) / len(good)
            assert found.loc[setting, metric] == pytest.approx(mean)


def test_the_mean_is_the_one_that_settings_are_ranked_by(crossing: Frames) -> None:
    rules = ({}, {"seeds": {"stage": "above", "start": 2, "max": 3, "until": 0.0}})
    for rule in rules:
        frames = replace(crossing, study={**crossing.study, **rule}, memory={})
        means = settings.setting_values(frames, "codes", (ERROR,))[ERROR]
        order = ranked(frames, "codes")
        assert np.allclose(means[order.index], order["mean"])
        assert set(settings.seed_counts(frames, "codes", ERROR)) == {2 if rule else 3}


def test_nothing_finished_has_no_mean(crossing: Frames) -> None:
    frames = replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    found = settings.setting_values(frames, "codes", ("corruption.level", ERROR))
    assert found[ERROR].isna().all()
    assert set(found["corruption.level"]) == {0.0, 0.4}
    assert not settings.seed_counts(frames, "codes", ERROR).any()


def test_what_a_setting_does_not_have_stays_missing_and_names_stay_text(hostile: Frames) -> None:
    stage = hostile.stages[0]
    runs = hostile.runs.copy()
    gone = runs["corruption.kind"] == "<i>gaussian"
    runs["corruption.level"] = runs["corruption.level"].where(~gone)
    frames = replace(hostile, runs=runs, memory={})
    found = settings.setting_values(frames, stage, ("corruption.kind", "corruption.level"))
    assert set(found["corruption.kind"]) == {"<i>gaussian", "=1+%{x}"}
    missing = found["corruption.level"].isna()
    assert list(missing) == list(found["corruption.kind"] == "<i>gaussian")


def test_each_column_is_computed_once_and_asked_for_in_any_number(crossing: Frames) -> None:
    frames = replace(crossing, memory={})
    settings.setting_values(frames, "codes", (ERROR,))
    held = len(frames.memory)
    again = settings.setting_values(frames, "codes", [ERROR, ERROR])
    assert list(again.columns) == [ERROR]
    assert len(frames.memory) == held
    assert settings.setting_values(frames, "codes", ()).shape == (12, 0)


def test_a_column_that_is_not_there_is_named_with_the_likely_one(crossing: Frames) -> None:
    with pytest.raises(RecordError, match=r"Did you mean 'sparsity\.weight'"):
        settings.setting_values(crossing, "codes", ("sparsity.wieght",))
    with pytest.raises(RecordError, match="column"):
        settings.setting_values(crossing, "codes", ("<img src=x onerror=alert(1)>" * 100,))


def test_metrics_come_without_bounds_and_flags(machines: Frames) -> None:
    found = settings.metrics(machines)
    assert "validation/log_likelihood" in found
    assert not [name for name in found if name.endswith(("_low", "_high", "_reliable"))]
    assert "untrained/reconstruction_error" in found
    assert "corruption.level" not in found
    assert settings.column_label(machines, ERROR) == "validation reconstruction error"
    assert settings.column_label(machines, "corruption.level") == "noise level"
    assert not settings.is_metric("validation")
    assert not settings.is_metric("a/b")


def test_one_trial_is_one_setting(one_trial: Frames) -> None:
    found = settings.setting_values(one_trial, "codes", ("corruption.level", ERROR))
    pd.testing.assert_series_equal(
        found[ERROR].reset_index(drop=True), one_trial.runs[ERROR], check_names=False
    )
