"""Log-likelihoods between their bounds; unreliable ones are called so."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from layerwise.dashboards.effects import ranked
from layerwise.dashboards.figures import likelihood
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.reliability import of_settings

STAGE, TEST = "codes", "test/log_likelihood"


def exact(frames: Frames) -> Frames:
    """The machines with bounds that are the value, for those that are reliable."""
    runs = frames.runs.copy()
    sound = runs["contraction.weight"] == 0
    for end in ("_low", "_high"):
        runs.loc[sound, TEST + end] = runs.loc[sound, TEST]
    return replace(frames, runs=runs, memory={})


def test_values_and_bounds_are_those_of_the_runs(machines: Frames) -> None:
    table = likelihood.table(machines, STAGE)
    assert likelihood.metric(machines, STAGE) == TEST
    assert list(table.columns) == likelihood.COLUMNS
    assert list(table.index) == list(ranked(machines, STAGE).index)
    doubts = of_settings(machines, STAGE, TEST)
    for setting, row in table.iterrows():
        own = machines.runs[machines.runs["setting"] == setting]
        assert row["mean"] == pytest.approx(sum(own[TEST]) / 3)
        lows, highs = list(own[f"{TEST}_low"]), list(own[f"{TEST}_high"])
        if setting in doubts:
            assert row["unreliable"] == 1
            assert (row["lower"], row["upper"]) == (doubts[setting].low, doubts[setting].high)
        else:
            assert row["unreliable"] == 0
            assert (row["lower"], row["upper"]) == pytest.approx((sum(lows) / 3, sum(highs) / 3))
        assert not row["exact"]


def test_unreliable_ones_are_hollow_and_labelled(machines: Frames) -> None:
    figure = likelihood.figure(machines, STAGE)
    by_name = {trace.name: trace for trace in figure.data}
    poor = by_name["unreliable"]
    assert poor.marker.symbol == "circle-open"
    assert len(poor.x) == 6
    assert all(text.startswith("unreliable: −") for text in poor.text)
    sound = by_name["estimated, with the bounds of annealing"]
    table = likelihood.table(machines, STAGE)
    rows = table[table["unreliable"] == 0]
    assert list(sound.x) == list(rows["mean"])
    assert list(sound.error_x.array) == pytest.approx(list(rows["upper"] - rows["mean"]))
    assert list(sound.error_x.arrayminus) == pytest.approx(list(rows["mean"] - rows["lower"]))
    # Every value and bound lies on the axis.
    low, high = figure.layout.xaxis.range
    assert low < table["lower"].min() < table["upper"].max() < high
    assert likelihood.figure(machines, STAGE, beside=False).layout.yaxis.showticklabels is False


def test_exact_values_have_a_mark_of_their_own(machines: Frames) -> None:
    frames = exact(machines)
    table = likelihood.table(frames, STAGE)
    assert table["exact"].sum() == 6
    marks = {trace.name: trace for trace in likelihood.figure(frames, STAGE).data}
    assert marks["exact"].marker.symbol == "square"
    assert not np.any(marks["exact"].error_x.array)
    assert ", exact (" in likelihood.sentence(frames, STAGE)


def test_annealing_beside_an_exact_value_shows_its_error(machines: Frames) -> None:
    frames = exact(machines)
    runs, sound = frames.runs, frames.runs["contraction.weight"] == 0
    miss = np.where(runs["seed"] == runs["seed"].max(), -0.5, 0.25)
    for end, away in (("", 0.0), ("_low", -0.7), ("_high", 0.6)):
        runs.loc[sound, f"{TEST}_annealed{end}"] = (runs[TEST] + miss + away)[sound]
    frames = replace(frames, memory={})
    table = likelihood.table(frames, STAGE)
    beside = table[table["exact"]]
    assert table["annealed"].notna().sum() == len(beside) == 6
    np.testing.assert_allclose(beside["annealed"], beside["mean"])
    np.testing.assert_allclose(beside["miss"], 0.5)
    figure = likelihood.figure(frames, STAGE)
    low, high = figure.layout.xaxis.range
    assert low < table["annealed_lower"].min() < table["annealed_upper"].max() < high
    (mark,) = (t for t in figure.data if "beside" in t.name)
    assert mark.marker.symbol == "diamond-open"
    np.testing.assert_allclose(mark.x, beside["annealed"])
    np.testing.assert_allclose(mark.error_x.array, 0.6)
    np.testing.assert_allclose(mark.error_x.arrayminus, 0.7)
    said = likelihood.sentence(frames, STAGE)
    assert "Annealing beside the sums misses them by at most 0.50 nats in a trial." in said
    assert "Annealing beside" not in likelihood.sentence(machines, STAGE)


def test_the_sentence_has_the_best_reliable_setting(machines: Frames) -> None:
    table = likelihood.table(machines, STAGE)
    row = table[table["unreliable"] == 0].iloc[0]
    text = likelihood.sentence(machines, STAGE)
    assert row["label"].split(". ", 1)[1] in text
    values = [f"{row[name]:.1f}".replace("-", "−") for name in ("mean", "lower", "upper")]
    assert f"test log likelihood of {values[0]}" in text
    assert f"between the bounds {values[1]}" in text
    assert text.endswith("6 settings of 12 are unreliable.")


def test_what_is_not_drawn_is_counted(machines: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likelihood, "SHOWN", 5)
    text = likelihood.sentence(machines, STAGE)
    assert text.endswith("are unreliable. 7 settings of lower rank not drawn.")


def test_the_best_may_be_unreliable_and_so_may_all(machines: Frames) -> None:
    runs = machines.runs.copy()
    best = ranked(machines, STAGE).index[0]
    runs.loc[runs["setting"] == best, f"{TEST}_reliable"] = 0.0
    text = likelihood.sentence(replace(machines, runs=runs, memory={}), STAGE)
    assert text.startswith("The best reliable setting,")
    runs[f"{TEST}_reliable"] = 0.0
    text = likelihood.sentence(replace(machines, runs=runs, memory={}), STAGE)
    assert text.startswith("Each of 12 settings has an unreliable test log likelihood")


def test_without_bounds_or_a_flag(machines: Frames) -> None:
    bare = machines.runs.drop(columns=[TEST + end for end in ("_low", "_high", "_reliable")])
    frames = replace(machines, runs=bare, memory={})
    table = likelihood.table(frames, STAGE)
    assert not table["unreliable"].any()
    assert table["lower"].isna().all()
    assert likelihood.figure(frames, STAGE).data
    assert "without bounds" in likelihood.sentence(frames, STAGE)
    endless = machines.runs.copy()
    endless[f"{TEST}_low"] = -np.inf
    low, high = likelihood.figure(
        replace(machines, runs=endless, memory={}), STAGE
    ).layout.xaxis.range
    assert np.isfinite([low, high]).all()


def test_validation_takes_the_place_of_test(machines: Frames) -> None:
    names = [name for name in machines.runs if str(name).startswith(TEST)]
    frames = replace(machines, runs=machines.runs.drop(columns=names), memory={})
    assert likelihood.metric(frames, STAGE) == "validation/log_likelihood"
    assert "validation log likelihood" in likelihood.sentence(frames, STAGE)


def test_nothing_recorded_and_nothing_finished(crossing: Frames, machines: Frames) -> None:
    failed = replace(machines, runs=machines.runs.assign(status="FAILED"), memory={})
    for frames in (crossing, failed):
        assert likelihood.table(frames, STAGE).empty
        assert not likelihood.figure(frames, STAGE).data
        assert likelihood.sentence(frames, STAGE).startswith("No finished trial")


def test_one_trial_has_no_interval_over_seeds(machines: Frames) -> None:
    one = replace(machines, runs=machines.runs.iloc[:1], memory={})
    table = likelihood.table(one, STAGE)
    assert len(table) == 1
    assert table["low"].isna().all()
    figure = likelihood.figure(one, STAGE)
    assert not figure.data[0].x
    assert "1 seed" in likelihood.sentence(one, STAGE)


def test_hostile_names_are_text(hostile: Frames) -> None:
    runs = hostile.runs.assign(**{TEST: -90.0 + hostile.runs["seed"]})
    frames = replace(hostile, runs=runs, memory={})
    drawn = json.dumps(likelihood.draw(frames, frames.stages[0]).spec())
    assert "gaussian" in drawn
    assert "<i>" not in drawn
    assert "%{x}" not in drawn
