"""A line per setting; what the best tenth share is counted by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from layerwise.dashboards.figures import parallel_coordinates as parallel
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.outline import swept

METRIC = "validation/reconstruction_error"


def many(crossing: Frames) -> Frames:
    """The crossing with noise levels in tenths: 24 settings of 3 trials, so that a tenth is 2."""
    again = crossing.runs.assign(
        **{
            METRIC: crossing.runs[METRIC] + 1.0,
            "key": crossing.runs["key"] + "+",
            "setting": crossing.runs["setting"] + "+",
            "corruption.level": crossing.runs["corruption.level"] + 0.1,
        }
    )
    runs = type(again)({c: [*crossing.runs[c], *again[c]] for c in again.columns})
    return replace(crossing, runs=runs, memory={})


def test_the_table_is_each_settings_mean(crossing: Frames) -> None:
    table = parallel.table(crossing, "codes")
    runs = crossing.runs
    for row in table.to_dict("records"):
        own = runs[runs["setting"] == row["setting"]]
        assert row["mean"] == pytest.approx(own[METRIC].mean())
        assert all(row[path] == own[path].iloc[0] for path in swept(crossing, "codes"))
    assert list(table["best_tenth"]) == [True] + 11 * [False]
    assert table["mean"].is_monotonic_increasing


def test_every_setting_has_one_line_through_all_axes(crossing: Frames) -> None:
    figure = parallel.figure(crossing, "codes")
    lines = [trace for trace in figure.data if trace.mode != "markers"]
    assert [line.name for line in lines] == [*parallel.OTHERS[::-1], parallel.BEST]
    assert sum(list(line.y).count(None) for line in lines) == 12
    assert list(lines[-1].x) == [0, 1, 2, 3, None]
    assert lines[-1].line.width > lines[0].line.width
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    shown = sorted(place for trace in dots for place in trace.y)
    means = crossing.runs.groupby("setting")[METRIC].mean().sort_values().to_numpy()
    if means.max() > parallel.STEEP * means.min():
        means = np.log10(means)
    assert shown == pytest.approx(list((means - means[0]) / np.ptp(means)))
    flat = parallel.figure(crossing, "codes", across=False)
    assert list(flat.data[-2].y) == [0, 1, 2, 3, None]


def test_axes_are_logarithmic_where_the_sweep_is_and_fan_out_equal_values(crossing: Frames) -> None:
    noise, sparse, contract, _ = parallel.axes(crossing, "codes")
    assert [label for _, label in sparse.ticks] == ["0", "0.001", "0.01"]
    assert [at for at, _ in sparse.ticks] == pytest.approx([0, 0.5, 1])
    assert [label for _, label in noise.ticks] == ["0", "0.4"]
    values = parallel.table(crossing, "codes")["sparsity.weight"].to_numpy()
    places = np.array(sparse.places)
    for value, at in ((0.0, 0.0), (0.001, 0.5), (0.01, 1.0)):
        own = places[values == value]
        assert np.abs(own - at).max() == pytest.approx(parallel.FAN)
        assert len(set(own)) == 4
        assert list(own) == sorted(own)
    assert len(contract.ticks) == 2


def test_values_by_name_are_ticks_and_what_is_not_set_stands_below(
    widths: Frames, crossing: Frames
) -> None:
    layers = next(a for a in parallel.axes(widths, "codes") if a.title == "layers")
    assert [label for _, label in layers.ticks] == ["[]", "[32]", "[64, 32]", "[128, 64]"]
    level = crossing.runs["sparsity.weight"].where(crossing.runs["sparsity.weight"] > 0)
    runs = crossing.runs.assign(**{"sparsity.weight": level})
    some = replace(crossing, runs=runs, memory={})
    sparse = parallel.axes(some, "codes")[1]
    assert sparse.ticks[-1] == (parallel.UNSET, "not set")
    assert parallel.figure(some, "codes").data
    assert "sparsity weight" not in parallel.sentence(some, "codes").split(": ")[1]


def test_many_values_have_few_round_ticks(crossing: Frames) -> None:
    place = crossing.runs["setting"].factorize()[0]
    runs = crossing.runs.assign(**{"corruption.level": 0.013 + 0.041 * place})
    noise = parallel.axes(replace(crossing, runs=runs, memory={}), "codes")[0]
    assert [label for _, label in noise.ticks] == ["0.1", "0.2", "0.3", "0.4"]
    assert noise.ticks[0][0] == pytest.approx((0.1 - 0.013) / (0.041 * 11))


def test_the_sentence_says_what_the_best_tenth_share(crossing: Frames) -> None:
    frames = many(crossing)
    table = parallel.table(frames, "codes")
    best = table[table["best_tenth"]]
    assert len(best) == 2
    text = parallel.sentence(frames, "codes")
    assert text.startswith("The best tenth, 2 of 24 settings, have in common ")
    level = best["corruption.level"].unique()
    assert list(level) == [0.0]
    tried = list(table["corruption.level"])
    pairs = [a == b for a, b in combinations(tried, 2)]
    assert f"noise level 0 (as {100 * np.mean(pairs):.0f}\u00a0% of draws would)" in text
    one = parallel.sentence(crossing, "codes")
    assert one.startswith("Of 12 settings the best tenth is one: noise level 0, sparsity weight 0")


def test_a_narrower_range_and_names_are_in_common_and_a_whole_range_is_not() -> None:
    common = parallel._common
    assert common("x", [1.0, 2.0], [0.0, 1.0, 2.0, 3.0]) == "x 1 to 2 (of 0 to 3)"
    assert common("x", [0.0, 3.0], [0.0, 1.0, 2.0, 3.0]) == ""
    assert common("x", ["b", "a"], ["a", "b", "c"]) == "x a or b"
    assert common("x", ["b", "a"], ["a", "b", "a"]) == ""
    assert common("x", [None, 1.0], [None, 1.0, 2.0]) == "x 1 or not set"


def test_higher_may_be_better_and_bad_ends_are_left_out(crossing: Frames, diverged: Frames) -> None:
    goal = {"metric": METRIC, "direction": "maximize"}
    most = replace(crossing, study={**crossing.study, "objective": goal}, memory={})
    assert parallel.table(most, "codes")["mean"].is_monotonic_decreasing
    assert "higher is better" in parallel.axes(most, "codes")[-1].title
    gone = crossing.runs["setting"].iloc[0]
    status = np.where(crossing.runs["setting"] == gone, "FAILED", "FINISHED")
    lost = replace(crossing, runs=crossing.runs.assign(status=status), memory={})
    assert len(parallel.table(lost, "codes")) == 11
    assert "1 setting without a finished trial left out" in parallel.sentence(lost, "codes")
    assert parallel.figure(diverged, "codes").data


def test_nothing_finished_and_one_trial_have_no_chart(one_trial: Frames, crossing: Frames) -> None:
    nothing = replace(crossing, runs=crossing.runs.assign(status="FAILED"), memory={})
    for frames in (one_trial, nothing):
        assert parallel.table(frames, "codes").empty
        assert "Fewer than two settings" in parallel.sentence(frames, "codes")
        assert not parallel.figure(frames, "codes").data


def test_names_are_text(hostile: Frames) -> None:
    figure = parallel.figure(hostile, hostile.stages[0])
    texts = [note.text for note in figure.layout.annotations]
    texts += [text for trace in figure.data for text in trace.text or ()]
    assert any("&lt;i&gt;gaussian" in text for text in texts)
    assert not any("<i>" in text or "%{" in text for text in texts)
