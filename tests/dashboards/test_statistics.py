"""Intervals and pairs: against scipy's own, and where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from layerwise.dashboards.comparisons import Looks
from layerwise.dashboards.statistics import (
    Interval,
    compared,
    interval,
    of_columns,
    over_seeds,
    paired,
    ranking,
)


def test_the_interval_is_students() -> None:
    values = [1.0, 1.2, 0.7, 1.9]
    found = interval(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert found.n == 4
    assert [found.mean, found.low, found.high] == pytest.approx([np.mean(values), low, high])


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    one, none = interval([3.0]), interval([np.nan, np.inf])
    assert one.mean == 3.0
    assert np.isnan(one.low)
    assert not one.known
    assert none.n == 0
    assert np.isnan(none.mean)


def test_values_that_are_not_finite_do_not_count() -> None:
    assert interval([1.0, np.nan, 2.0, -np.inf]) == interval([1.0, 2.0])


def test_columns_agree_with_interval() -> None:
    values = np.random.default_rng(3).standard_normal((5, 7)) + 100
    values[0, 1] = np.nan
    values[1:, 2] = np.inf
    values[:, 3] = np.nan
    found = of_columns(values)
    for column, row in zip(values.T, found.to_dict("records"), strict=True):
        expected = interval(column)
        assert row["n"] == expected.n
        for name in ("mean", "low", "high"):
            assert row[name] == pytest.approx(getattr(expected, name), nan_ok=True)
    assert of_columns(np.empty((0, 0))).empty


def test_over_seeds_agrees_with_interval() -> None:
    frame = pd.DataFrame(
        {"g": list("aaabbc"), "x": [1.0, 2.0, 4.0, 5.0, np.nan, np.inf], "seed": [0, 1, 2, 0, 1, 0]}
    )
    table = over_seeds(frame, ["g"], "x")
    for name in "abc":
        one = interval(frame.loc[frame["g"] == name, "x"])
        row = table.loc[name]
        np.testing.assert_allclose(row.to_numpy(dtype=float), [one.mean, one.low, one.high, one.n])


def test_pairs_are_by_seed_and_common_seeds_only() -> None:
    first = pd.Series([5.0, 7.0, 9.0], index=[0, 1, 2])
    second = pd.Series([1.0, 2.0, 3.0], index=[2, 1, 3])
    assert paired(first, second) == interval([9.0 - 1.0, 7.0 - 2.0])


def test_an_interval_turns_over_with_its_amount() -> None:
    assert Interval(-2.0, -3.0, -1.0, 3).size() == Interval(2.0, 1.0, 3.0, 3)
    assert Interval(2.0, 1.0, 3.0, 3).excludes_zero
    assert not Interval(2.0, -1.0, 5.0, 3).excludes_zero
    assert not Interval(2.0, np.nan, np.nan, 1).excludes_zero


def settings(**values: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, seed, x) for name, xs in values.items() for seed, x in enumerate(xs)],
        columns=["setting", "seed", "loss"],
    )


def test_ranking_is_by_mean_and_differences_are_paired() -> None:
    frame = settings(b=[2.0, 12.0, 22.0], a=[1.0, 11.0, 20.9], c=[0.0, 30.0, 40.0])
    table = ranking(frame, "loss", lower_is_better=True)
    assert list(table.index) == ["a", "b", "c"]
    assert list(table["rank"]) == [1, 2, 3]
    # Two settings are compared with the first: each may err half as often.
    expected = interval([1.0, 1.0, 1.1], level=0.975)
    assert table.loc["b", "diff"] == pytest.approx(expected.mean)
    assert table.loc["b", "diff_low"] == pytest.approx(expected.low)
    assert table.loc["b", "diff_high"] == pytest.approx(expected.high)
    assert list(table["tied"]) == [False, False, True]
    assert table.loc["a", "diff"] == 0
    assert np.isnan(table.loc["a", "diff_low"])
    assert list(ranking(frame, "loss", lower_is_better=False).index) == ["c", "b", "a"]


def test_a_setting_that_lost_a_seed_does_not_lead() -> None:
    frame = settings(lucky=[0.1, np.nan, np.inf], whole=[1.0, 1.1, 1.2])
    table = ranking(frame, "loss", lower_is_better=True)
    assert list(table.index) == ["whole", "lucky"]
    assert table.loc["lucky", "n"] == 1
    assert table.loc["lucky", "seeds"] == 3
    assert list(table["whole"]) == [True, False]
    assert not table["tied"].any()


def test_without_a_whole_setting_the_least_lost_leads() -> None:
    frame = settings(few=[0.1, np.nan, np.inf], more=[np.nan, 1.1, 1.2])
    table = ranking(frame, "loss", lower_is_better=True)
    assert list(table.index) == ["more", "few"]
    assert not table["whole"].any()
    assert table["diff_low"].isna().all()


def test_settings_with_further_seeds_come_before_those_left_behind() -> None:
    looks = Looks(3, 5)
    values = {
        "a": [1.0, 1.3, 0.9, 1.1, 1.0],
        "b": [1.1, 1.2, 1.1, 0.9, 1.2],
        "c": [50.0, 50.2, 50.1],
    }
    table = ranking(settings(**values), "loss", lower_is_better=True, looks=looks)
    assert list(table.index) == ["a", "b", "c"]
    assert list(table["n"]) == [5, 5, 3]
    assert table["whole"].all()
    assert list(table["tied"]) == [False, True, False]
    # Only over the seeds that both have, with what the look at them may spend.
    gaps = np.array(values["c"]) - values["a"][:3]
    low, _ = stats.t.interval(1 - 0.03 / 2, 2, gaps.mean(), stats.sem(gaps))
    assert table.loc["c", "diff_low"] == pytest.approx(low)
    lost = settings(**values | {"a": [1.0, 1.3, 0.9, np.inf, 1.0]})
    names, found = compared(lost, "loss", True, looks=looks)
    assert names == ["a", "b", "c"]
    assert (names[found.best], found.state) == ("b", "clear")
    assert list(ranking(lost, "loss", True, looks=looks)["whole"]) == [True, True, False]


def test_with_one_seed_differences_have_no_interval() -> None:
    table = ranking(settings(a=[1.0], b=[2.0]), "loss", lower_is_better=True)
    assert table.loc["b", "diff"] == 1.0
    assert table["diff_low"].isna()["b"]
    assert ranking(settings(), "loss", lower_is_better=True).empty
