"""Curves from the untrained network on, with a band over seeds."""

from __future__ import annotations

import pandas as pd
import pytest
from made_studies import measures

from layerwise.dashboards.figures import learning_curves
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval


def test_curves_start_before_training(crossing: Frames) -> None:
    table = learning_curves.table(crossing, "codes")
    assert set(table["rank"]) == {1, 2, 3, 4}
    assert set(table["epoch"]) == set(range(7))
    best = table[(table["rank"] == 1) & (table["metric"] == "validation/reconstruction_error")]
    for row in best.to_dict("records"):
        values = [measures({}, seed, row["epoch"], 6)["reconstruction_error"] for seed in range(3)]
        expected = interval(values)
        assert row["mean"] == pytest.approx(expected.mean)
        assert row["high"] == pytest.approx(expected.high)


def test_training_and_validation_have_a_panel_each(crossing: Frames) -> None:
    figure = learning_curves.figure(crossing, "codes")
    lines = [trace for trace in figure.data if trace.fill is None]
    assert len(lines) == 8
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 8
    assert figure.layout.yaxis.type == "log"
    assert {a.text for a in figure.layout.annotations} == {
        "<b>Training reconstruction error</b>", "<b>Validation reconstruction error</b>",
    }  # fmt: skip


def test_one_seed_has_lines_only(one_seed: Frames) -> None:
    figure = learning_curves.figure(one_seed, "codes")
    assert {trace.fill for trace in figure.data} == {None}


def test_nothing_logged_draws_nothing(crossing: Frames) -> None:
    history = crossing.history[crossing.history["metric"] == "train/loss"]
    history = history.assign(metric=history["metric"].cat.remove_unused_categories())
    bare = Frames(crossing.runs, history, crossing.study)
    assert learning_curves.metrics(bare, "codes") == ()
    assert not learning_curves.figure(bare, "codes").data


def test_long_lines_are_thinned_and_keep_their_ends(crossing: Frames) -> None:
    steps = range(5000)
    first = crossing.runs["key"].iloc[0]
    metric = "validation/reconstruction_error"
    rows = [(first, metric, step, 1.0 + (step == 3210)) for step in steps]
    columns = ["key", "metric", "epoch", "value"]
    history = pd.DataFrame(rows, columns=columns).astype({"key": "category", "metric": "category"})
    runs = crossing.runs[crossing.runs["setting"] == crossing.runs["setting"].iloc[0]]
    long = Frames(runs, history, crossing.study)
    assert len(learning_curves.table(long, "codes")) == len(steps)
    line = next(t for t in learning_curves.draw(long, "codes").traces if t.get("fill") is None)
    assert len(line["x"]) <= learning_curves.MOST_POINTS
    assert {0, 3210, 4999} <= set(line["x"])
