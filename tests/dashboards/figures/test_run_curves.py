"""The strong line is the trial's, the band spans its other seeds, and its end is marked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_studies import measures

from layerwise.dashboards.figures import run_curves
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


def longer(frames: Frames, epochs: int) -> Frames:
    """The trials of the frames with that many epochs of one noisy metric."""
    keys, rng = list(frames.runs["key"]), np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "key": pd.Categorical.from_codes(np.repeat(range(len(keys)), epochs), keys),
            "metric": pd.Categorical([ERROR] * epochs * len(keys)),
            "epoch": np.tile(np.arange(epochs), len(keys)),
            "value": rng.uniform(1, 2, epochs * len(keys)),
        }
    )
    return replace(frames, history=made, memory={})


def test_the_table_has_the_trial_and_its_other_seeds(crossing: Frames) -> None:
    row = crossing.runs.iloc[10]
    table = run_curves.table(crossing, row["key"])
    point = {name: row[name] for name in ("corruption.level", "sparsity.weight")}
    point |= {"contraction.weight": row["contraction.weight"]}
    own = table[table["metric"] == ERROR]
    assert list(own["epoch"]) == list(range(7))
    for found in own.to_dict("records"):
        by_seed = [measures(point, s, found["epoch"], 6)["reconstruction_error"] for s in range(3)]
        value = by_seed.pop(int(row["seed"]))
        assert found["value"] == pytest.approx(value)
        assert found["others mean"] == pytest.approx(sum(by_seed) / 2)
        assert found["others low"] == pytest.approx(min(by_seed))
        assert found["others high"] == pytest.approx(max(by_seed))
        assert found["others n"] == 2


def test_a_panel_per_metric_and_the_two_of_the_objective_share_an_axis(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[10]
    figure = run_curves.figure(crossing, key)
    assert figure.layout.yaxis.type == figure.layout.yaxis2.type == "log"
    assert figure.layout.yaxis2.matches == "y"
    assert figure.layout.yaxis3.matches is None
    table = run_curves.table(crossing, key)
    strong = [trace for trace in figure.data if (trace.name or "").startswith("this trial")]
    assert [trace.xaxis for trace in strong] == ["x", "x2", "x3", "x4", "x5"]
    for trace, metric in zip(strong, dict.fromkeys(table["metric"]), strict=True):
        assert list(trace.y) == list(table.loc[table["metric"] == metric, "value"])
    named = [trace.name for trace in figure.data if trace.showlegend]
    assert len(named) == len(set(named)) == 4
    narrow = run_curves.figure(crossing, key, columns=1)
    assert list(narrow.layout.xaxis2.domain) == [0, 1]
    assert narrow.layout.height > figure.layout.height


def test_one_more_seed_has_no_band_and_none_no_mean(one_seed: Frames, crossing: Frames) -> None:
    alone = run_curves.figure(one_seed, one_seed.runs["key"].iloc[0])
    assert {trace.name for trace in alone.data} == {
        "other settings, mean over seeds",
        "this trial (seed 0)",
    }
    runs = crossing.runs[crossing.runs["seed"] < 2].reset_index(drop=True)
    two = replace(crossing, runs=runs, memory={})
    figure = run_curves.figure(two, runs["key"].iloc[0])
    assert not [trace for trace in figure.data if trace.fill == "toself"]
    assert "its setting’s other seed" in {trace.name for trace in figure.data}


def test_the_end_of_a_trial_is_marked_in_every_panel_and_told_once(diverged: Frames) -> None:
    key = diverged.runs.loc[diverged.runs["status"] == "FAILED", "key"].iloc[0]
    figure = run_curves.figure(diverged, key)
    marks = [shape for shape in figure.layout.shapes if shape.x0 == shape.x1 == 2]
    assert len(marks) == 5
    told = [note.text for note in figure.layout.annotations if "epoch" in note.text]
    assert told == ["diverged<br>at epoch 2"]
    assert run_curves.sentence(diverged, key).endswith("It diverged at epoch 2.")
    runs = diverged.runs.assign(stopped_at=3.0, diverged_at=np.nan)
    stopped = replace(diverged, runs=runs, memory={})
    assert run_curves.sentence(stopped, key).endswith("It was stopped at epoch 3.")


def test_the_sentence_has_the_curve_s_ends(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[10]
    table = run_curves.table(crossing, key)
    own = table[table["metric"] == ERROR]
    said = run_curves.sentence(crossing, key)
    assert f"went from {own['value'].iloc[0]:.1f} to {own['value'].iloc[-1]:.2f}" in said
    assert f"the other 2 seeds of its setting stood at {own['others mean'].iloc[-1]:.2f}" in said


def test_a_turn_on_the_way_is_told(one_trial: Frames) -> None:
    frames = longer(one_trial, 5)
    frames.history["value"] = [4.0, 2.0, 1.0, 2.0, 3.0]
    (key,) = frames.runs["key"]
    assert "went from 4.00 to 3.00, after 1.00 at epoch 2." in run_curves.sentence(frames, key)
    goal = {"metric": ERROR, "direction": "maximize"}
    up = replace(frames, study={**frames.study, "objective": goal}, memory={})
    assert "after" not in run_curves.sentence(up, key)


def test_long_lines_are_thinned_and_keep_their_extremes(crossing: Frames) -> None:
    frames = longer(crossing, 1000)
    key = frames.runs["key"].iloc[0]
    drawn = run_curves.draw(frames, key)
    own = frames.history[frames.history["key"] == key]["value"]
    strong = next(t for t in drawn.traces if t.get("name", "").startswith("this trial"))
    assert len(strong["x"]) <= run_curves.POINTS
    assert (strong["x"][0], strong["x"][-1]) == (0, 999)
    assert (min(strong["y"]), max(strong["y"])) == (own.min(), own.max())
    quiet = next(t for t in drawn.traces if t.get("name", "").startswith("other settings"))
    assert quiet["x"].count(None) == 11
    assert len(quiet["x"]) <= 11 * (run_curves.POINTS + 1)
    assert len(run_curves.table(frames, key)) == 1000


def test_nothing_to_draw_and_nothing_finite(crossing: Frames, one_trial: Frames) -> None:
    key = crossing.runs["key"].iloc[0]
    bare = replace(crossing, history=crossing.history.iloc[:0], memory={})
    assert run_curves.table(bare, key).empty
    assert not run_curves.figure(bare, key).data
    assert "have a history" in run_curves.sentence(bare, key)
    blank = replace(one_trial, history=one_trial.history.assign(value=np.nan), memory={})
    (only,) = one_trial.runs["key"]
    assert "no finite validation reconstruction error" in run_curves.sentence(blank, only)
    assert {y for trace in run_curves.figure(blank, only).data for y in trace.y} == {None}


def test_names_are_text(crossing: Frames) -> None:
    evil = {"label": "<img src=x onerror=alert(1)>%{x}" + "x" * 5000}
    names = {"reconstruction_error": evil}
    frames = replace(crossing, study={**crossing.study, "metrics": names}, memory={})
    text = str(run_curves.draw(frames, frames.runs["key"].iloc[0]).spec())
    assert "&lt;img" in text
    assert "<img" not in text
