"""Two records side by side: names that can be told apart, differences as scipy has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import by_client
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_studies import Made
from scipy import stats

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import (
    DATA,
    LONGEST,
    OBJECTIVE,
    RESULT,
    Pair,
    labels,
    shortened,
    welch,
)

Record = Callable[[Made], Frames]
METRIC = "validation/reconstruction_error"


def asking(frames: Frames, **study: Any) -> Frames:
    """The same record with another question."""
    return dataclasses.replace(frames, study={**frames.study, **study}, memory={})


def of_seeds(frames: Frames, *seeds: int) -> Frames:
    """The record as if only these seeds had been run."""
    runs = frames.runs[frames.runs["seed"].isin(seeds)].reset_index(drop=True)
    return dataclasses.replace(frames, runs=runs, memory={})


def test_a_paired_difference_is_mlflows(
    tracking_uri: str, crossing: Frames, record: Record
) -> None:
    pair = Pair.of(crossing, record(by_client.NOISIER))
    assert not pair.obstacles
    assert pair.metric == METRIC
    assert pair.by_seed(METRIC)
    sides = []
    for study in ("crossing", "noisier"):
        name = by_client.best(tracking_uri, study, "codes", METRIC)
        held = by_client.values(tracking_uri, study, "codes", METRIC)[name]
        sides.append([held[seed] for seed in (0, 1, 2)])
    expected = stats.ttest_rel(sides[1], sides[0]).confidence_interval(0.95)
    found = pair.difference(METRIC)
    assert found.mean == pytest.approx(np.mean(sides[1]) - np.mean(sides[0]))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_other_seeds_are_not_paired(crossing: Frames) -> None:
    left, right = of_seeds(crossing, 0, 1), of_seeds(crossing, 1, 2)
    other = right.runs["seed"].map({1: 5, 2: 6})
    right = dataclasses.replace(right, runs=right.runs.assign(seed=other), memory={})
    pair = Pair.of(left, right)
    assert not pair.by_seed(METRIC)
    first, second = (side.of_best(METRIC).to_numpy() for side in pair.sides)
    expected = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    found = pair.difference(METRIC)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_shared_seeds_are_paired_where_they_are_many(crossing: Frames) -> None:
    pair = Pair.of(of_seeds(crossing, 0, 1), crossing)
    assert pair.seeds(METRIC) == (0, 1)
    assert pair.by_seed(METRIC)
    assert pair.difference(METRIC).n == 2
    # One shared seed of three gives no interval at all where it is paired.
    pair = Pair.of(of_seeds(crossing, 0), crossing)
    assert not pair.by_seed(METRIC)
    assert not pair.difference(METRIC).known


def test_a_record_beside_itself_differs_by_nothing(crossing: Frames) -> None:
    pair = Pair.of(crossing, crossing)
    found = pair.difference(METRIC)
    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert pair.left.label != pair.right.label


def test_swapping_the_sides_turns_the_difference(crossing: Frames, record: Record) -> None:
    other = record(by_client.NOISIER)
    there, back = Pair.of(crossing, other), Pair.of(other, crossing)
    one, two = there.difference(METRIC), back.difference(METRIC)
    assert (one.mean, one.low, one.high) == pytest.approx((-two.mean, -two.high, -two.low))


def test_what_forbids_a_comparison(crossing: Frames, running: Frames) -> None:
    other = asking(crossing, data={"name": "faces", "digest": "cd" * 32})
    pair = Pair.of(crossing, other)
    assert set(pair.obstacles) == {DATA}
    assert "faces (cdcdcdcd)" in pair.obstacles[DATA]
    assert not pair.difference(METRIC).n
    goal = {"metric": "validation/hoyer_sparsity", "direction": "maximize"}
    pair = Pair.of(crossing, asking(crossing, objective=goal))
    assert set(pair.obstacles) == {OBJECTIVE}
    assert "the lowest validation reconstruction error" in pair.obstacles[OBJECTIVE]
    assert "the highest validation Hoyer sparsity" in pair.obstacles[OBJECTIVE]
    assert pair.same_data
    # A study that still runs has not said which data it has.
    assert set(Pair.of(crossing, running).obstacles) == {DATA}
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    pair = Pair.of(crossing, none)
    assert set(pair.obstacles) == {RESULT}
    assert pair.right.best is None
    assert pair.right.best_text == ""
    assert not pair.difference(METRIC).n


def test_what_diverged_does_not_count(crossing: Frames, diverged: Frames) -> None:
    pair = Pair.of(crossing, diverged)
    assert set(pair.right.of_best(METRIC).index) <= {0, 1, 2}
    assert np.isfinite(pair.right.of_best(METRIC)).all()
    assert pair.right.of_best("no such/metric").empty


def test_final_stages_of_the_same_name_meet(two_stages: Frames) -> None:
    pair = Pair.of(two_stages, two_stages)
    assert [side.stage for side in pair.sides] == ["second", "second"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_labels_are_short_and_never_the_same(first: str, second: str) -> None:
    sides = [
        Frames(pd.DataFrame(), pd.DataFrame(), {"study": name, "stages": []})
        for name in (first, second)
    ]
    found = labels(*sides)
    assert found[0] != found[1]
    assert all(0 < len(label) <= LONGEST + 16 for label in found)
    assert all(label.isprintable() for label in found)


def test_the_same_name_gets_the_time(crossing: Frames) -> None:
    later = crossing.execution["started"] + pd.Timedelta(days=1)
    again = dataclasses.replace(crossing, execution={**crossing.execution, "started": later})
    first, second = labels(crossing, again)
    assert first.startswith("crossing, ")
    assert second.startswith("crossing, ")
    assert first != second
    assert labels(crossing, crossing) == ("crossing (first)", "crossing (second)")


def test_long_and_invisible_names_are_shortened() -> None:
    assert len(shortened("x" * 5000)) == LONGEST
    assert shortened("x" * 5000).endswith("…")
    assert shortened("a\u202eb\n\tc") == "a b c"
    assert shortened(None) == "unnamed"


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6),
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6),
)
def test_welch_is_scipys(first: list[float], second: list[float]) -> None:
    found = welch(first, second)
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second), abs=1e-9)
    # Of values that are nearly the same, scipy warns and is right to.
    if min(np.ptp(first), np.ptp(second)) > 1e-3:
        expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx(
            (expected.low, expected.high), rel=1e-6, abs=1e-6
        )
    assert found.low <= found.mean <= found.high


def test_welch_without_enough_values() -> None:
    assert welch([], [1.0]).n == 0
    assert not welch([1.0], [2.0, 3.0]).known
    assert welch([1.0, 1.0], [0.0, 0.0]).excludes_zero
