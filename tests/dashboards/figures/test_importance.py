"""Shares of variance: closed forms on grids, invariants, and the same numbers another way."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layerwise.dashboards.figures import importance
from layerwise.dashboards.frames import Frames

METRIC = "validation/reconstruction_error"
PATHS = ("corruption.level", "sparsity.weight", "contraction.weight")
GRIDS = arrays(np.float64, (3, 4), elements=st.integers(-50, 50).map(float))


def test_a_sum_has_no_interactions() -> None:
    a, b, c = np.array([0.0, 1, 4]), np.array([3.0, -1]), np.array([0.5, 2, 2, 7])
    main, pairs, higher = importance.decomposition(a[:, None, None] + b[:, None] + c)
    wanted = np.array([a.var(), b.var(), c.var()])
    assert main == pytest.approx(wanted / wanted.sum())
    assert max(pairs.values()) < 1e-12
    assert higher < 1e-12


def test_a_product_of_centred_factors_is_an_interaction_alone() -> None:
    a, b = np.array([-1.0, 0, 1]), np.array([-2.0, 2])
    main, pairs, higher = importance.decomposition(np.outer(a, b))
    assert main.max() < 1e-12
    assert pairs[0, 1] == pytest.approx(1)
    assert higher == 0
    cube = np.einsum("i,j,k->ijk", a, b, a)
    assert importance.decomposition(cube)[2] == pytest.approx(1)


@settings(deadline=None)
@given(GRIDS, st.floats(-10, 10), st.sampled_from([-3.0, 0.01, 100.0]))
def test_shares_of_two_sum_to_one_and_keep_under_shift_and_scale(
    grid: np.ndarray, shift: float, scale: float
) -> None:
    if np.ptp(grid) == 0:
        return
    main, pairs, _ = importance.decomposition(grid)
    assert main.sum() + pairs[0, 1] == pytest.approx(1)
    assert min(main.min(), pairs[0, 1]) >= 0
    moved, crossed, _ = importance.decomposition(shift + scale * grid)
    assert moved == pytest.approx(main, abs=1e-9)
    assert crossed == pytest.approx(pairs, abs=1e-9)
    rows = np.repeat(np.arange(3), 4)
    ratio = importance.correlation_ratio(rows, grid.ravel())
    assert 0 <= ratio <= 1
    assert ratio == pytest.approx(main[0])
    assert ratio == pytest.approx(importance.correlation_ratio(rows, shift + scale * grid.ravel()))


def test_a_correlation_ratio_by_chance_is_its_mean_over_all_permutations() -> None:
    codes, values = np.array([0, 0, 1, 1, 1, 2]), [0.0, 1, 4, 2, 2, 9]
    ratios = [
        importance.correlation_ratio(codes, np.array(one)) for one in itertools.permutations(values)
    ]
    assert np.mean(ratios) == pytest.approx((3 - 1) / (6 - 1))


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60))
def test_bins_keep_equal_values_together_and_in_order(values: list[int]) -> None:
    codes = np.unique(values, return_inverse=True)[1]
    found = importance.bins(codes)
    assert found.max() < importance.MOST_BINS
    assert sorted(set(found)) == list(range(found.max() + 1))
    for first, second in itertools.pairwise(sorted(zip(codes, found, strict=True))):
        assert first[1] <= second[1]
        assert first[0] != second[0] or first[1] == second[1]


def test_the_table_of_a_grid_is_what_group_means_give(crossing: Frames) -> None:
    table = importance.table(crossing, "codes").set_index("term")
    runs = crossing.runs
    means = runs.groupby(list(PATHS))[METRIC].mean()
    total = means.var(ddof=0)
    labels = ("noise level", "sparsity weight", "contraction weight")
    main = {p: means.groupby(p).mean().var(ddof=0) / total for p in PATHS}
    for path, label in zip(PATHS, labels, strict=True):
        assert table.loc[label, "share"] == pytest.approx(main[path])
    for (one, a), (two, b) in itertools.combinations(zip(PATHS, labels, strict=True), 2):
        both = means.groupby([one, two]).mean().var(ddof=0) / total - main[one] - main[two]
        assert table.loc[f"{a} × {b}", "share"] == pytest.approx(both, abs=1e-9)
    assert table[table["kind"] != "seeds"]["share"].sum() == pytest.approx(1)
    within = runs.groupby("setting")[METRIC].var(ddof=0).mean() / runs[METRIC].var(ddof=0)
    assert table.loc["seeds", "share"] == pytest.approx(within)


def test_a_grid_with_a_gap_falls_back_and_says_so(crossing: Frames) -> None:
    gone = crossing.runs["setting"].iloc[0]
    runs = crossing.runs[crossing.runs["setting"] != gone]
    holed = replace(crossing, runs=runs, memory={})
    table = importance.table(holed, "codes").set_index("term")
    means = runs.groupby(list(PATHS))[METRIC].mean()
    groups = means.groupby("sparsity.weight")
    between = ((groups.mean() - means.mean()) ** 2 * groups.size()).sum()
    wanted = between / ((means - means.mean()) ** 2).sum()
    assert table.loc["sparsity weight", "share"] == pytest.approx(wanted)
    assert table.loc["sparsity weight", "chance"] == pytest.approx(2 / 10)
    assert "correlation ratio" in importance.sentence(holed, "codes")
    assert "exact functional ANOVA" in importance.sentence(crossing, "codes")
    figure = importance.figure(holed, "codes")
    assert [trace.type for trace in figure.data] == ["bar", "bar", "scatter"]


def test_only_seeds_that_all_finished_are_compared(crossing: Frames, diverged: Frames) -> None:
    first = crossing.runs["key"] == crossing.runs.loc[crossing.runs["seed"] == 2, "key"].iloc[0]
    runs = crossing.runs.assign(status=np.where(first, "FAILED", "FINISHED"))
    table = importance.table(replace(crossing, runs=runs, memory={}), "codes").set_index("term")
    means = runs[runs["seed"] != 2].groupby(list(PATHS))[METRIC].mean()
    wanted = means.groupby("corruption.level").mean().var(ddof=0) / means.var(ddof=0)
    assert table.loc["noise level", "share"] == pytest.approx(wanted)
    none_in_common = importance.table(diverged, "codes")
    assert none_in_common["share"].between(0, 1).all()


def test_drawn_values_and_missing_ones_are_binned(crossing: Frames) -> None:
    drawn = np.random.default_rng(0).uniform(size=12)
    place = crossing.runs["setting"].factorize()[0]
    level = np.where(place == 3, np.nan, drawn[place])
    runs = crossing.runs.assign(**{"corruption.level": level})
    table = importance.table(replace(crossing, runs=runs, memory={}), "codes")
    assert set(table["method"]) == {importance.BINNED, ""}
    assert table["share"].between(0, 1).all()


def test_without_anything_to_share_out_there_is_no_chart(
    one_trial: Frames, one_seed: Frames, crossing: Frames
) -> None:
    assert importance.table(one_trial, "codes").empty
    assert "Fewer than two" in importance.sentence(one_trial, "codes")
    assert not importance.figure(one_trial, "codes").data
    assert "seeds" not in set(importance.table(one_seed, "codes")["kind"])
    for runs in (
        crossing.runs.assign(**{METRIC: 2.5}),
        crossing.runs.assign(**{METRIC: np.nan}),
        crossing.runs.assign(status="FAILED"),
        crossing.runs.assign(stopped_at=2.0),
    ):
        same = replace(crossing, runs=runs, memory={})
        assert importance.table(same, "codes").empty
        assert "Too few settings" in importance.sentence(same, "codes")


def test_bars_are_the_table_and_names_are_text(crossing: Frames, hostile: Frames) -> None:
    table = importance.table(crossing, "codes")
    figure = importance.figure(crossing, "codes")
    assert [x for bar in figure.data for x in bar.x] == pytest.approx(list(100 * table["share"]))
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 3
    narrow = importance.figure(crossing, "codes", beside=False)
    assert len(narrow.layout.annotations) == len(table)
    for text in importance.figure(hostile, hostile.stages[0]).layout.yaxis.ticktext:
        assert "<i" not in text
        assert "<b" not in text
