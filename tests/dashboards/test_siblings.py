"""A trial's siblings are those of its setting and its stage; their curves MLflow's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mlflow import MlflowClient

from layerwise.dashboards import siblings
from layerwise.dashboards.effects import ranked
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


def logged(client: MlflowClient, run: str, metric: str) -> list[float]:
    """A metric's values by step, from MLflow's client."""
    points = client.get_metric_history(run, metric)
    return [point.value for point in sorted(points, key=lambda point: point.step)]


def test_other_seeds_and_other_settings_are_those_of_the_record(
    crossing: Frames, tracking_uri: str
) -> None:
    client = MlflowClient(tracking_uri)
    row = crossing.runs.iloc[7]
    panel = next(p for p in siblings.panels(crossing, row["key"]) if p.metric == ERROR)
    assert panel.own is not None
    assert list(panel.own[1]) == logged(client, row["run_id"], ERROR)
    runs = crossing.runs
    same = runs[(runs["setting"] == row["setting"]) & (runs["seed"] != row["seed"])]
    curves = np.array([logged(client, run, ERROR) for run in same["run_id"]])
    assert set(panel.others.n) == {len(curves)} == {2}
    assert np.allclose(panel.others.mean, curves.mean(0))
    assert np.array_equal(panel.others.low, curves.min(0))
    assert np.array_equal(panel.others.high, curves.max(0))
    order = [name for name in ranked(crossing, "codes").index if name != row["setting"]]
    assert len(panel.quiet) == len(order) == 11
    for setting, (epochs, values) in zip(order, panel.quiet, strict=True):
        own = runs.loc[runs["setting"] == setting, "run_id"]
        means = np.mean([logged(client, run, ERROR) for run in own], axis=0)
        assert list(epochs) == list(range(7))
        assert np.allclose(values, means)


def test_the_objective_comes_first_and_at_most_three_measures_after_it(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[0]
    assert [panel.metric for panel in siblings.panels(crossing, key)] == [
        "train/reconstruction_error",
        ERROR,
        "validation/hoyer_sparsity",
        "validation/jacobian_norm",
        "validation/active_units",
    ]
    goal = {"metric": "test/no_history", "direction": "maximize"}
    runs = crossing.runs.assign(**{"test/no_history": 1.0})
    other = replace(crossing, runs=runs, study={**crossing.study, "objective": goal}, memory={})
    assert siblings.panels(other, key)[1].metric == ERROR


def test_of_many_settings_some_are_shown_from_the_best_to_the_worst(
    crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siblings, "QUIET", 4)
    frames = replace(crossing, memory={})
    order = list(ranked(frames, "codes").index)
    key = frames.runs.loc[frames.runs["setting"] == order[0], "key"].iloc[0]
    panel = next(p for p in siblings.panels(frames, key) if p.metric == ERROR)
    ends = [values[-1] for _, values in panel.quiet]
    means = ranked(frames, "codes")["mean"]
    assert ends == pytest.approx([means.iloc[place] for place in (1, 4, 8, 11)])


def test_lost_trials_are_not_in_the_quiet_lines(diverged: Frames) -> None:
    runs = diverged.runs
    lost = runs[runs["status"] == "FAILED"]
    key = runs.loc[~runs["setting"].isin(lost["setting"]), "key"].iloc[0]
    for panel in siblings.panels(diverged, key):
        assert len(panel.quiet) == 11
        assert all(np.isfinite(values).all() for _, values in panel.quiet)
        assert np.isfinite(panel.values()).all()


def test_a_trial_alone_has_its_own_curve_only(one_trial: Frames) -> None:
    (key,) = one_trial.runs["key"]
    for panel in siblings.panels(one_trial, key):
        assert panel.own is not None
        assert not panel.quiet
        assert not len(panel.others.epoch)


def test_running_and_unranked_settings_are_shown_too(running: Frames) -> None:
    frames = replace(running, runs=running.runs.assign(status="RUNNING"), memory={})
    panels = siblings.panels(frames, frames.runs["key"].iloc[0])
    assert len(panels[0].quiet) == frames.runs["setting"].nunique() - 1


def test_what_is_not_there(crossing: Frames) -> None:
    with pytest.raises(RecordError, match="key"):
        siblings.trial(crossing, "no such key")
    row = siblings.trial(crossing, crossing.runs["key"].iloc[3])
    assert row["seed"] == crossing.runs["seed"].iloc[3]
    assert "diverged_at" not in row
    bare = replace(crossing, history=crossing.history.iloc[:0], memory={})
    assert siblings.panels(bare, row["key"]) == ()
