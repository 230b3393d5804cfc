"""The stages side by side are what MLflow holds of them, trial by trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from by_client import best, values
from made_stages import ERROR, NEIGHBOURS, PROBE, changed, renamed
from mlflow import MlflowClient

from layerwise.dashboards import stages
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval, rows
from layerwise.dashboards.wording import plus_minus

BOTH = ("first", "second")


def test_stages_with_trials_and_those_with_results(readouts: Frames) -> None:
    assert stages.recorded(readouts) == BOTH
    lost = changed(readouts, readouts.runs["stage"] == "second", status="FAILED")
    assert stages.recorded(lost) == BOTH
    assert stages.told(lost, BOTH) == ("first",)
    gone = replace(readouts, runs=readouts.runs[readouts.runs["stage"] == "first"], memory={})
    assert stages.recorded(gone) == ("first",)


def test_only_what_all_stages_hold_is_compared_on_test_samples_first(readouts: Frames) -> None:
    kinds = [PROBE, NEIGHBOURS, "test/reconstruction_error", "test/active_units", "test/dead_units"]
    assert list(stages.metrics(readouts, BOTH)) == kinds
    first = readouts.runs["stage"] == "first"
    bare = changed(readouts, first, **dict.fromkeys((PROBE, "test/dead_units"), np.nan))
    assert [name for name in stages.metrics(bare, BOTH) if "probe" in name] == []
    assert "validation/dead_units" in stages.metrics(bare, BOTH)
    assert stages.metrics(readouts, ("first",)) == ()


def test_a_code_without_zeros_is_told_by_its_active_units(readouts: Frames) -> None:
    dense = readouts.runs.assign(**{"test/nonzero_units": 32.0})
    assert "test/active_units" in stages.metrics(replace(readouts, runs=dense, memory={}), BOTH)
    sparse = readouts.runs.assign(**{"test/nonzero_units": np.arange(len(dense)) % 9})
    shown = stages.metrics(replace(readouts, runs=sparse, memory={}), BOTH)
    assert "test/nonzero_units" in shown
    assert "test/active_units" not in shown


def test_an_objective_of_another_kind_is_among_them(readouts: Frames) -> None:
    goal = {"metric": "validation/jacobian_norm", "direction": "minimize"}
    frames = replace(readouts, study={**readouts.study, "objective": goal}, memory={})
    assert stages.metrics(frames, BOTH)[0] == "test/jacobian_norm"


def test_means_and_intervals_are_those_of_mlflows_values(
    readouts: Frames, tracking_uri: str
) -> None:
    table = stages.table(readouts, BOTH)
    assert len(table) == 2 * len(stages.metrics(readouts, BOTH))
    for row in rows(table):
        stage, metric = row["stage"], row["metric"]
        assert row["setting"] == best(tracking_uri, "readouts", stage, ERROR)
        held = values(tracking_uri, "readouts", stage, metric)[row["setting"]]
        found = interval(list(held.values()))
        assert [row[name] for name in ("mean", "low", "high", "n")] == pytest.approx(
            [found.mean, found.low, found.high, 3]
        )


def test_a_difference_is_a_trials_less_its_own_parents(readouts: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    experiment = client.get_experiment_by_name("readouts")
    assert experiment is not None
    runs = {
        run.data.tags["layerwise.key"]: run
        for run in client.search_runs([experiment.experiment_id], max_results=1000)
        if "layerwise.key" in run.data.tags
    }
    own = best(tracking_uri, "readouts", "second", ERROR)
    pairs = [
        run.data.metrics[PROBE] - runs[run.data.tags["layerwise.parent_key"]].data.metrics[PROBE]
        for run in runs.values()
        if run.data.tags["layerwise.setting"] == own
    ]
    assert len(pairs) == 3
    found = interval(pairs)
    table = stages.table(readouts, BOTH).set_index(["stage", "metric"])
    row = table.loc[("second", PROBE)]
    assert list(row[stages.DIFFERENCE]) == pytest.approx([found.mean, found.low, found.high, 3])
    assert (row["below"], row["below_rank"]) == ("first", 1)
    assert row["below_mean"] == pytest.approx(table.loc[("first", PROBE), "mean"])
    # Errors of different inputs are not subtracted.
    other = table.loc[("second", "test/reconstruction_error")]
    assert (other["pairs"], other["below"]) == (0, "first")
    assert np.isnan(other["difference"])
    assert table.loc[("first", PROBE), "below"] == ""


def test_a_pair_needs_both_of_its_values(readouts: Frames) -> None:
    runs = readouts.runs
    poor = (runs["stage"] == "first") & (runs["seed"] == 1)
    fewer = stages.table(changed(readouts, poor, **{PROBE: np.nan}), BOTH)
    row = fewer.set_index(["stage", "metric"]).loc[("second", PROBE)]
    assert (row["n"], row["pairs"]) == (3, 2)
    assert row["difference"] == pytest.approx(np.mean([0.02, 0.04]))
    infinite = changed(readouts, poor, **{PROBE: np.inf})
    again = stages.table(infinite, BOTH).set_index(["stage", "metric"])
    assert again.loc[("second", PROBE), "pairs"] == 2
    assert again.loc[("first", PROBE), "n"] == 2


def test_what_does_not_continue_the_best_tells_what_it_does(readouts: Frames) -> None:
    runs = readouts.runs
    spare = (runs["stage"] == "first") & (runs["corruption.level"] == 0.2)
    table = stages.table(changed(readouts, spare, **{ERROR: 0.01}), BOTH)
    second = table[(table["stage"] == "second") & (table["metric"] == PROBE)].iloc[0]
    assert second["below_rank"] == 2
    assert second["below_setting"] != table[table["stage"] == "first"]["setting"].iloc[0]


def third_upon(frames: Frames) -> Frames:
    """The frames with a third stage under every trial of the second."""
    runs = frames.runs
    second = runs[runs["stage"] == "second"]
    added = second.assign(
        **{name: "3" + second[name] for name in ("key", "setting")},
        stage="third",
        depth=2,
        parent_key=second["key"],
        **{PROBE: second[PROBE] + 0.05},
    )
    entry = {**frames.study["stages"][1], "name": "third", "after": ["second"]}
    study = {**frames.study, "stages": [*frames.study["stages"], entry]}
    return replace(frames, runs=pd.concat([runs, added], ignore_index=True), study=study, memory={})


def test_over_a_stage_that_is_not_shown_the_way_leads_further_down(readouts: Frames) -> None:
    three = third_upon(readouts)
    every = stages.table(three, ("first", "second", "third"))
    row = every[(every["stage"] == "third") & (every["metric"] == PROBE)].iloc[0]
    assert (row["below"], row["pairs"]) == ("second", 3)
    assert row["difference"] == pytest.approx(0.05)
    ends = stages.table(three, ("first", "third"))
    row = ends[(ends["stage"] == "third") & (ends["metric"] == PROBE)].iloc[0]
    assert (row["below"], row["pairs"]) == ("first", 3)
    assert row["difference"] == pytest.approx(0.05 + 0.03)


def test_a_stage_after_two_others_has_a_row_for_each(readouts: Frames) -> None:
    three = third_upon(readouts)
    runs = three.runs
    above = dict(zip(runs["key"], runs["parent_key"], strict=True))
    both = [
        f"{key},{above[key]}" if stage == "third" else key
        for key, stage in zip(runs["parent_key"], runs["stage"], strict=True)
    ]
    joint = replace(three, runs=runs.assign(parent_key=both), memory={})
    shown = ("first", "second", "third")
    table = stages.table(joint, shown)
    own = table[(table["stage"] == "third") & (table["metric"] == PROBE)]
    assert list(own["below"]) == ["first", "second"]
    assert list(own["difference"]) == pytest.approx([0.08, 0.05])
    words = stages.in_words(joint, shown).set_index("")["third"]
    assert words["Stands on"] == "the best of first and the best of second"
    assert "(first), +" in words["Test probe accuracy against the stage below"]


def test_the_columns_say_what_each_stage_holds(readouts: Frames) -> None:
    words = stages.in_words(readouts, BOTH)
    assert list(words.columns) == ["", *BOTH]
    found = words.set_index("")
    assert list(found.loc["Trials"]) == ["9", "18"]
    assert list(found.loc["Settings"]) == ["3", "6"]
    assert list(found.loc["Best setting"]) == ["noise level 0", "noise level 0"]
    assert list(found.loc["Stands on"]) == ["–", "the best of first"]
    assert list(found.loc["Units of its code"]) == ["32", "32"]
    row = stages.table(readouts, BOTH).iloc[0]
    mean = interval(readouts.runs.loc[readouts.runs["setting"] == row["setting"], PROBE].to_numpy())
    whole = plus_minus(mean).replace(" ", "\u00a0")
    assert found.loc["Test probe accuracy", "first"] == whole
    gain = plus_minus(interval([0.02, 0.03, 0.04])).replace(" ", "\u00a0")
    assert list(found.loc["Test probe accuracy against the stage below"]) == ["–", f"+{gain}"]


def test_a_stage_that_failed_has_a_column_of_what_is_known(readouts: Frames) -> None:
    second = readouts.runs["stage"] == "second"
    found = stages.in_words(changed(readouts, second, status="FAILED"), BOTH).set_index("")
    assert list(found.loc["Trials"]) == ["9", "18, 18 failed"]
    assert list(found.loc["Best setting"]) == ["noise level 0", "–"]
    assert "Test probe accuracy" not in found.index
    part = changed(readouts, second & (readouts.runs["seed"] == 0), status="RUNNING")
    words = stages.in_words(part, BOTH).set_index("")
    assert words.loc["Trials", "second"] == "18, 6 running"


def test_one_seed_has_no_interval(readouts: Frames) -> None:
    one = replace(readouts, runs=readouts.runs[readouts.runs["seed"] == 0], memory={})
    row = stages.in_words(one, BOTH).set_index("").loc["Test probe accuracy"]
    assert list(row) == ["0.800, 1 seed", "0.820, 1 seed"]
    table = stages.table(one, BOTH)
    assert table["low"].isna().all()
    assert set(table["pairs"]) == {0, 1}


def test_a_value_that_is_unreliable_is_called_so(readouts: Frames) -> None:
    runs = readouts.runs.assign(**{PROBE: 0.5, f"{PROBE}_reliable": 0.0})
    runs = runs.assign(**{f"{PROBE}_low": 0.1, f"{PROBE}_high": 0.9})
    poor = replace(readouts, runs=runs, memory={})
    words = stages.in_words(poor, BOTH).set_index("").loc["Test probe accuracy", "second"]
    assert "(unreliable: 0.100 to 0.900)" in words
    assert stages.table(poor, BOTH)["unreliable"].any()
    assert not stages.table(readouts, BOTH)["unreliable"].any()


def test_any_name_of_a_stage_is_a_column(readouts: Frames) -> None:
    named = renamed(readouts, {"first": "<b>1", "second": "stage"})
    shown = stages.recorded(named)
    assert list(stages.in_words(named, shown).columns) == ["", "<b>1", "stage"]
    assert set(stages.table(named, shown)["below"]) == {"", "<b>1"}


def test_without_parents_in_the_record_nothing_is_stood_on(readouts: Frames) -> None:
    gone = replace(readouts, runs=readouts.runs.assign(parent_key="f" * 64), memory={})
    table = stages.table(gone, BOTH)
    assert set(table["below"]) == {""}
    assert not table["pairs"].any()
    assert "Stands on" not in set(stages.in_words(gone, BOTH)[""])


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, "the best"),
        (2, "the 2nd best"),
        (3, "the 3rd best"),
        (11, "the 11th best"),
        (22, "the 22nd best"),
        (113, "the 113th best"),
        (float("nan"), "a setting without a rank"),
    ],
)
def test_a_rank_in_words(rank: float, expected: str) -> None:
    assert stages.place_in_words(rank) == expected
