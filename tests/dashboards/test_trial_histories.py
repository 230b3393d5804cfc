"""A history is what MLflow's client returns; a thinned line keeps its ends and its extremes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mlflow import MlflowClient

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.trial_histories import (
    Floats,
    kept_with_history,
    of_trial,
    side_by_side,
    thinned,
    together,
)

LINES = st.integers(0, 90).flatmap(
    lambda n: arrays(np.float64, n, elements=st.one_of(st.integers(-3, 3), st.just(np.nan)))
)


def test_histories_are_those_of_the_client(crossing: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    for place in (0, 17, 35):
        row = crossing.runs.iloc[place]
        run = client.get_run(row["run_id"])
        found = of_trial(crossing, row["key"])
        assert set(found) == set(run.data.metrics)
        for metric, (epochs, values) in found.items():
            logged = client.get_metric_history(row["run_id"], metric)
            assert list(epochs) == sorted(point.step for point in logged)
            by_step = {point.step: point.value for point in logged}
            assert list(values) == [by_step[step] for step in epochs]


def test_rows_in_any_order_give_the_same(crossing: Frames) -> None:
    mixed = crossing.history.sample(frac=1.0, random_state=0).reset_index(drop=True)
    # Within each trial alone, and all of them.
    inside = mixed.sort_values("key", kind="stable", ignore_index=True)
    for history in (mixed, inside):
        frames = replace(crossing, history=history, memory={})
        for key in crossing.runs["key"].iloc[:5]:
            wanted, found = of_trial(crossing, key), of_trial(frames, key)
            assert set(wanted) == set(found)
            for metric, (epochs, values) in wanted.items():
                assert np.array_equal(found[metric][0], epochs)
                assert np.array_equal(found[metric][1], values)


def test_curves_of_other_epochs_stand_side_by_side() -> None:
    one = np.array([0, 2]), np.array([1.0, 3.0])
    other = np.array([1, 2, 5]), np.array([10.0, 20.0, 50.0])
    epochs, values = side_by_side([one, other])
    assert list(epochs) == [0, 1, 2, 5]
    np.testing.assert_array_equal(values, [[1.0, np.nan, 3.0, np.nan], [np.nan, 10.0, 20.0, 50.0]])
    assert side_by_side([])[1].size == 0


def test_frames_of_the_same_history_need_not_look_again(crossing: Frames) -> None:
    kept = kept_with_history(crossing)
    assert len(kept) == 1
    fewer = replace(crossing, runs=crossing.runs.head(3), memory=kept)
    key = crossing.runs["key"].iloc[0]
    wanted, found = of_trial(crossing, key), of_trial(fewer, key)
    assert all(np.shares_memory(found[name][1], wanted[name][1]) for name in wanted)
    assert kept_with_history(fewer).keys() == kept.keys()


def test_a_trial_without_a_history_has_none(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[0]
    gone = crossing.history[crossing.history["key"] != key]
    assert of_trial(replace(crossing, history=gone, memory={}), key) == {}
    assert of_trial(replace(crossing, history=gone.iloc[:0], memory={}), key) == {}
    assert of_trial(crossing, "no such key") == {}


@given(LINES, st.integers(4, 60))
def test_a_thinned_line_keeps_first_last_least_and_most(values: Floats, most: int) -> None:
    kept = thinned(values, most)
    assert len(kept) <= max(most, 0)
    assert (np.diff(kept) > 0).all()
    if len(values) <= most:
        assert len(kept) == len(values)
        return
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    known = values[~np.isnan(values)]
    if len(known):
        assert np.nanmin(values[kept]) == known.min()
        assert np.nanmax(values[kept]) == known.max()


@given(LINES.filter(lambda values: len(values) > 40))
def test_every_stretch_keeps_its_least_and_its_most(values: Floats) -> None:
    kept = set(thinned(values, 20).tolist())
    stretches = np.arange(len(values)) * 9 // len(values)
    for number in range(9):
        places = np.flatnonzero(stretches == number)
        known = values[places][~np.isnan(values[places])]
        own = [values[place] for place in places if int(place) in kept]
        assert len(own)
        if len(known):
            assert {known.min(), known.max()} <= set(own)


def test_curves_together_are_mean_least_and_most_at_each_epoch() -> None:
    first = np.array([0, 1, 2]), np.array([1.0, np.nan, 5.0])
    second = np.array([1, 2, 4]), np.array([np.inf, 7.0, 2.0])
    found = together([first, second])
    assert list(found.epoch) == [0, 1, 2, 4]
    assert list(found.n) == [1, 0, 2, 1]
    assert found.mean == pytest.approx([1.0, np.nan, 6.0, 2.0], nan_ok=True)
    assert found.low == pytest.approx([1.0, np.nan, 5.0, 2.0], nan_ok=True)
    assert found.high == pytest.approx([1.0, np.nan, 7.0, 2.0], nan_ok=True)
    assert len(together([]).epoch) == len(together([]).mean) == 0


@given(st.lists(arrays(np.float64, 5, elements=st.floats(-9, 9)), min_size=1, max_size=5))
def test_equal_epochs_are_a_plain_mean(rows: list[Floats]) -> None:
    found = together([(np.arange(5), row) for row in rows])
    assert np.allclose(found.mean, np.mean(rows, axis=0))
    assert np.array_equal(found.low, np.min(rows, axis=0))
    assert np.array_equal(found.high, np.max(rows, axis=0))
