"""What conditions choose, counted another way; means of what is left are those of before."""

from __future__ import annotations

import math

import pytest

from layerwise.dashboards.app.address import Among, Between
from layerwise.dashboards.app.selection import (
    chosen,
    columns,
    first_trial,
    in_words,
    known,
    selected,
    value_key,
    values,
)
from layerwise.dashboards.effects import ranked
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


def test_a_hyperparameter_is_chosen_by_its_values_or_its_range(crossing: Frames) -> None:
    runs = crossing.runs
    some = chosen(crossing, "codes", [Among("sparsity.weight", ("0.001", "0.01"))])
    assert some == set(runs.loc[runs["sparsity.weight"].isin([0.001, 0.01]), "setting"])
    low = chosen(crossing, "codes", [Between("corruption.level", -math.inf, 0.2)])
    assert low == set(runs.loc[runs["corruption.level"] <= 0.2, "setting"])


def test_a_measure_is_chosen_by_its_mean_over_seeds(crossing: Frames) -> None:
    means = crossing.runs.groupby("setting")[ERROR].mean()
    middle = float(means.median())
    found = chosen(crossing, "codes", [Between(ERROR, -math.inf, middle)])
    assert found == set(means.index[means <= middle])
    assert 0 < len(found) < len(means)


def test_conditions_are_met_together(crossing: Frames) -> None:
    both = [Among("sparsity.weight", ("0.0",)), Between("corruption.level", 0.1, 1.0)]
    one, other = (chosen(crossing, "codes", [condition]) for condition in both)
    assert one is not None
    assert other is not None
    assert chosen(crossing, "codes", both) == one & other


def test_no_condition_chooses_nothing_and_leaves_everything(crossing: Frames) -> None:
    assert chosen(crossing, "codes", []) is None
    assert chosen(crossing, "codes", [Between("no such column", 0, 1)]) is None
    assert known(crossing, "codes", [Between("no such column", 0, 1)]) == ()
    assert selected(crossing, "codes", None) is crossing


def test_seeds_stay_together_and_means_stay_the_same(crossing: Frames) -> None:
    settings = chosen(crossing, "codes", [Between("corruption.level", 0.3, 1.0)])
    left = selected(crossing, "codes", settings)
    assert left.runs.groupby("setting")["seed"].nunique().eq(3).all()
    before, after = (ranked(frames, "codes")["mean"] for frames in (crossing, left))
    assert dict(after) == dict(before[before.index.isin(after.index)])
    assert len(after) == len(before) / 2


def test_a_stage_keeps_what_its_settings_stand_on_and_led_to(two_stages: Frames) -> None:
    runs = two_stages.runs
    parent = runs[runs["stage"] == "first"].iloc[0]
    left = selected(two_stages, "first", frozenset([parent["setting"]]))
    own = set(runs.loc[runs["setting"] == parent["setting"], "key"])
    below = set(runs.loc[runs["parent_key"].isin(own), "key"])
    assert set(left.runs["key"]) == own | below
    assert below
    child = runs[runs["stage"] == "second"].iloc[0]
    left = selected(two_stages, "second", frozenset([child["setting"]]))
    trials = runs[runs["setting"] == child["setting"]]
    assert set(left.runs["key"]) == set(trials["key"]) | set(trials["parent_key"])


def test_nothing_is_left_of_nothing(crossing: Frames) -> None:
    left = selected(crossing, "codes", frozenset())
    assert left.runs.empty
    assert list(left.runs.columns) == list(crossing.runs.columns)


def test_values_are_listed_in_order(crossing: Frames, widths: Frames) -> None:
    assert columns(crossing, "codes") == (
        "corruption.level",
        "sparsity.weight",
        "contraction.weight",
    )
    assert values(crossing, "codes", "sparsity.weight") == [0.0, 0.001, 0.01]
    stage = widths.stages[0]
    texts = [c for c in columns(widths, stage) if isinstance(values(widths, stage, c)[0], str)]
    for column in texts:
        every = [value_key(value) for value in values(widths, stage, column)]
        found = chosen(widths, stage, [Among(column, tuple(every[:1]))])
        expected = widths.runs.loc[widths.runs[column].astype(str) == every[0], "setting"]
        assert found == set(expected)
    assert texts


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Between("corruption.level", 0, 0.2), "noise level 0 to 0.2"),
        (Between(ERROR, -math.inf, 1.5), "validation reconstruction error at most 1.5"),
        (Between(ERROR, 1.5, math.inf), "validation reconstruction error at least 1.5"),
        (Among("sparsity.weight", ("0.0", "0.01")), "sparsity weight 0 or 0.01"),
        (Among("corruption.kind", ("<b>", "x")), "corruption.kind <b> or x"),
    ],
)
def test_a_condition_in_words(crossing: Frames, condition: Among | Between, words: str) -> None:
    assert in_words(crossing, condition) == words


def test_a_setting_opens_at_its_first_seed_that_finished(diverged: Frames) -> None:
    runs = diverged.runs
    lost = runs[runs["status"] == "FAILED"].iloc[0]
    own = runs[runs["setting"] == lost["setting"]]
    found = first_trial(diverged, "codes", lost["setting"])
    done = own[own["status"] == "FINISHED"]
    if len(done):
        assert found == done.sort_values("seed")["key"].iloc[0]
    else:
        assert found in set(own["key"])
    assert first_trial(diverged, "codes", "no such setting") == ""
