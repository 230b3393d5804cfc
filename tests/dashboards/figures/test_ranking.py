"""Settings in order, and which of them these seeds cannot tell from the best."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.dashboards.figures import ranking
from layerwise.dashboards.frames import Frames

METRIC = "validation/reconstruction_error"


def test_the_table_is_in_order_and_has_test_metrics(crossing: Frames) -> None:
    table = ranking.table(crossing, "codes")
    assert list(table["rank"]) == list(range(1, 13))
    assert table["mean"].is_monotonic_increasing
    runs = crossing.runs
    for setting, row in table.iterrows():
        own = runs[runs["setting"] == setting]
        assert row["mean"] == pytest.approx(own[METRIC].mean())
        for metric in ranking.test_metrics(crossing, "codes"):
            assert row[metric] == pytest.approx(own[metric].mean())


def test_ties_are_drawn_in_the_bests_colour(crossing: Frames) -> None:
    noise = np.random.default_rng(3).normal(size=36)
    blurred = Frames(crossing.runs.assign(**{METRIC: noise}), crossing.history, crossing.study)
    table = ranking.table(blurred, "codes")
    figure = ranking.figure(blurred, "codes")
    assert table["tied"].any()
    assert len(figure.data[0].x) == 1 + int(table["tied"].sum())
    assert not table["tied"].iloc[0]


def test_an_objective_can_be_maximised(crossing: Frames) -> None:
    objective = {"metric": "validation/hoyer_sparsity", "direction": "maximize"}
    most = Frames(crossing.runs, crossing.history, {**crossing.study, "objective": objective})
    table = ranking.table(most, "codes")
    assert table["mean"].is_monotonic_decreasing
    assert ranking.test_metrics(most, "codes")[0] == "test/hoyer_sparsity"


def test_one_trial_and_none(one_trial: Frames, crossing: Frames) -> None:
    assert len(ranking.figure(one_trial, "codes").data) == 1
    none = Frames(crossing.runs.assign(status="RUNNING"), crossing.history, crossing.study)
    assert not ranking.figure(none, "codes").data


def test_a_setting_that_lost_a_seed_is_drawn_apart(diverged: Frames) -> None:
    figure = ranking.figure(diverged, "codes")
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "circle", "circle-open"]
    assert list(figure.data[2].x) == [11, 12]
    assert not ranking.table(diverged, "codes")["tied"].iloc[-2:].any()
