"""Active and dead units of the best settings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from layerwise.dashboards.effects import ranked
from layerwise.dashboards.figures import activity
from layerwise.dashboards.frames import Frames

STAGE = "codes"


def with_dead(frames: Frames, dead: float) -> Frames:
    """The same record with this many dead units in every trial."""
    runs = frames.runs.copy()
    runs[activity.DEAD] = dead
    return replace(frames, runs=runs, memory={})


def test_numbers_are_the_means_of_the_runs(crossing: Frames) -> None:
    table = activity.table(crossing, STAGE)
    assert list(table.columns) == activity.COLUMNS
    assert list(table.index) == list(ranked(crossing, STAGE).index)
    for setting, row in table.iterrows():
        own = crossing.runs[crossing.runs["setting"] == setting]
        assert row["active mean"] == pytest.approx(sum(own[activity.ACTIVE]) / len(own))
        assert row["dead mean"] == 1.0
        assert row["dead high"] == pytest.approx(1 + 4.302653 / np.sqrt(3))
        assert (row["units"], row["n"]) == (32, 3)


@pytest.mark.parametrize("beside", [True, False])
def test_a_pair_of_bars_per_setting(crossing: Frames, beside: bool) -> None:
    figure = activity.figure(crossing, STAGE, beside=beside)
    active, dead = figure.data
    table = activity.table(crossing, STAGE)
    assert list(active.x) == list(table["active mean"])
    assert list(dead.x) == list(table["dead mean"])
    assert dead.marker.pattern.shape == "/"
    assert (np.array(dead.y) > np.array(active.y)).all()
    assert list(active.y) == sorted(active.y)
    # Nothing dead is fewer than none.
    assert (np.array(dead.x) >= np.array(dead.error_x.arrayminus)).all()
    assert figure.layout.yaxis.showticklabels is beside


def test_twenty_are_drawn_and_the_others_counted(crossing: Frames) -> None:
    runs = crossing.runs.copy()
    runs["setting"] = runs["setting"] + runs["seed"].astype(str)
    runs["seed"] = 0
    many = replace(crossing, runs=runs, memory={})
    assert len(activity.table(many, STAGE)) == 36
    assert len(activity.figure(many, STAGE).data[0].x) == activity.SHOWN
    assert activity.sentence(many, STAGE).endswith("16 settings of lower rank not drawn.")


def test_the_sentence_names_the_share_and_where_most_are(crossing: Frames) -> None:
    runs = crossing.runs.copy()
    runs[activity.DEAD] = np.where(runs["contraction.weight"] > 0, 8.0, 2.0)
    only = runs["setting"] == ranked(crossing, STAGE).index[-1]
    runs.loc[only, activity.DEAD] = 16.0
    text = activity.sentence(replace(crossing, runs=runs, memory={}), STAGE)
    assert "In the best setting 2.00 of 32 units (6.2\u00a0%) are dead, mean over 3 seeds" in text
    last = "noise level 0.4, sparsity weight 0.01, contraction weight 0.1"
    assert f"the most are in {last}: 16.0 of 32 units (50\u00a0%) are dead." in text


def test_none_dead_and_all_alike(crossing: Frames, one_trial: Frames) -> None:
    assert activity.sentence(with_dead(crossing, 0), STAGE).startswith("No unit is dead in any set")
    assert "in no other setting are more" in activity.sentence(with_dead(crossing, 32), STAGE)
    text = activity.sentence(with_dead(one_trial, 1), STAGE)
    assert text == "In the one setting 1.00 of 32 units (3.1\u00a0%) is dead."
    assert "the one setting" in activity.sentence(one_trial, STAGE)


def test_what_is_not_recorded_is_not_drawn(crossing: Frames, one_seed: Frames) -> None:
    bare = replace(crossing, runs=crossing.runs.drop(columns=activity.DEAD), memory={})
    assert activity.table(bare, STAGE).empty
    assert not activity.figure(bare, STAGE).data
    assert activity.sentence(bare, STAGE).startswith("No finished trial")
    dead_only = crossing.runs.drop(columns=[activity.ACTIVE, "hidden"])
    figure = activity.figure(replace(crossing, runs=dead_only, memory={}), STAGE)
    assert [trace.name for trace in figure.data] == ["dead: on no sample"]
    text = activity.sentence(replace(crossing, runs=dead_only, memory={}), STAGE)
    assert "1.00 units is dead" in text
    assert not np.any(activity.figure(one_seed, STAGE).data[0].error_x.array)


def test_failed_and_missing_trials(diverged: Frames, running: Frames) -> None:
    assert activity.table(diverged, STAGE)["n"].min() == 1
    assert len(activity.table(running, STAGE))
    failed = with_dead(diverged, 1)
    failed.runs["status"] = "FAILED"
    assert activity.table(failed, STAGE).empty
    unknown = with_dead(diverged, np.nan)
    assert activity.table(unknown, STAGE).empty


def test_hostile_names_are_text(hostile: Frames) -> None:
    drawn = json.dumps(activity.draw(hostile, hostile.stages[0]).spec())
    assert "<i>" not in drawn
    assert "%{x}" not in drawn
