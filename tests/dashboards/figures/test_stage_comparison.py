"""Stages side by side as they are drawn and said, from what MLflow holds of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from by_client import best, values
from made_stages import ERROR, NEIGHBOURS, PROBE, changed, renamed

from layerwise.dashboards import stages
from layerwise.dashboards.figures import stage_comparison
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval
from layerwise.dashboards.wording import number, spread

BOTH = ("first", "second")
BESTS, OTHERS = "best of its stage, mean over seeds", "what the next best continues instead"


def named(traces: Any, name: str) -> Iterator[Any]:
    """The traces of a name, one for each panel that has such."""
    return (trace for trace in traces if trace.get("name") == name)


def lines(drawn: Any) -> list[dict[str, Any]]:
    return [trace for trace in drawn.traces if trace["mode"] == "lines"]


def on_another(frames: Frames) -> Frames:
    """The frames where the best of the first is not what the second's best stands on."""
    spare = (frames.runs["stage"] == "first") & (frames.runs["corruption.level"] == 0.2)
    return changed(frames, spare, **{ERROR: 0.01})


def test_a_panel_per_measure_has_a_mark_per_stage(readouts: Frames, tracking_uri: str) -> None:
    shown = stages.metrics(readouts, BOTH)
    marks = list(named(stage_comparison.draw(readouts, BOTH).traces, BESTS))
    assert len(marks) == len(shown) == 5
    for metric, trace in zip(shown, marks, strict=True):
        for place, stage in enumerate(BOTH):
            setting = best(tracking_uri, "readouts", stage, ERROR)
            held = list(values(tracking_uri, "readouts", stage, metric)[setting].values())
            found = interval(held)
            assert trace["x"][place] == place
            assert trace["y"][place] == pytest.approx(found.mean)
            assert trace["error_y"]["array"][place] == pytest.approx(found.high - found.mean)
    assert [trace["showlegend"] for trace in marks] == [True, *[False] * 4]
    assert stage_comparison.figure(readouts, BOTH).layout.showlegend


def test_a_line_leads_from_the_best_that_is_continued(readouts: Frames) -> None:
    drawn = stage_comparison.draw(readouts, BOTH)
    first, *_ = lines(drawn)
    bests = next(named(drawn.traces, BESTS))
    assert (first["x"], first["line"]["dash"]) == ([0, 1, None], "solid")
    assert first["y"] == [*bests["y"], None]
    assert not list(named(drawn.traces, OTHERS))


def test_a_dotted_one_from_what_is_continued_in_its_place(readouts: Frames) -> None:
    frames = on_another(readouts)
    drawn = stage_comparison.draw(frames, BOTH)
    dotted, hollow = lines(drawn)[0], next(named(drawn.traces, OTHERS))
    second = next(named(drawn.traces, BESTS))["y"][1]
    own = (frames.runs["stage"] == "first") & (frames.runs["corruption.level"] == 0.0)
    mean = frames.runs.loc[own, PROBE].mean()
    assert dotted["line"]["dash"] == "dot"
    assert dotted["y"] == [pytest.approx(mean), second, None]
    assert hollow["y"] == [pytest.approx(mean)]
    assert hollow["text"] == [f"the 2nd best of first: <b>{number(mean)}</b>"]
    assert "The best of second continues the 2nd best of first." in said(frames)


def test_no_line_joins_stages_of_which_none_stands_on_the_other(readouts: Frames) -> None:
    apart = replace(readouts, runs=readouts.runs.assign(parent_key=""), memory={})
    assert not lines(stage_comparison.draw(apart, BOTH))
    assert "continues" not in said(apart)
    assert "read out" not in said(apart)


def said(frames: Frames, shown: tuple[str, ...] = BOTH) -> str:
    return stage_comparison.sentence(frames, shown)


def test_the_sentence_has_the_means_and_the_paired_difference(
    readouts: Frames, tracking_uri: str
) -> None:
    held = {}
    for stage in BOTH:
        setting = best(tracking_uri, "readouts", stage, ERROR)
        held[stage] = values(tracking_uri, "readouts", stage, PROBE)[setting]
    points = interval([100 * (held["second"][seed] - held["first"][seed]) for seed in range(3)])
    first, second = (number(float(np.mean(list(held[stage].values())))) for stage in BOTH)
    assert said(readouts) == (
        f"The test probe accuracy of the best setting is {first} in first and {second} in second. "
        f"By a linear probe the codes of second read out {number(points.mean, 2)} points better "
        f"than those of first that they stand on (95\u00a0% interval {spread(points, 2)} points, "
        "over 3 pairs). The best of second continues the best of first."
    )
    assert "3.0 points better" in said(readouts)


def test_worse_by_chance_and_by_one_pair(readouts: Frames) -> None:
    runs = readouts.runs
    second = runs["stage"] == "second"
    worse = changed(readouts, second, **{PROBE: runs[PROBE] - 0.06})
    assert "3.0 points worse" in said(worse)
    assert "chance" not in said(worse)
    uneven = changed(readouts, second, **{PROBE: runs[PROBE] - 0.028})
    assert "interval −2.28 to 2.68 points, over 3 pairs), which may be chance." in said(uneven)
    same = changed(readouts, second, **{PROBE: 0.9})
    same = changed(same, ~second, **{PROBE: 0.9})
    assert "read out as well as those of first" in said(same)
    alone = replace(readouts, runs=runs[runs["seed"] == 0], memory={})
    assert "(1 pair, so without an interval)" in said(alone)
    assert "error_y" not in next(named(stage_comparison.draw(alone, BOTH).traces, BESTS))


def test_without_a_probe_the_neighbours_tell(readouts: Frames) -> None:
    none = replace(readouts, runs=readouts.runs.drop(columns=PROBE), memory={})
    assert "By their nearest neighbours the codes of second" in said(none)
    neither = replace(readouts, runs=none.runs.drop(columns=NEIGHBOURS), memory={})
    assert said(neither).startswith("The test reconstruction error of the best setting is")
    assert "read out" not in said(neither)


def test_what_may_not_be_compared_is_noted(readouts: Frames) -> None:
    assert "its heights say nothing" in stage_comparison.note(readouts, BOTH)
    share = readouts.runs.assign(**{"test/unexplained_variance": 0.2})
    wider = replace(readouts, runs=share, memory={})
    assert "a share of that input's variance" in stage_comparison.note(wider, BOTH)
    assert stage_comparison.note(readouts, ("first",)) == ""


def test_a_stage_that_failed_is_left_out_and_said(readouts: Frames) -> None:
    second = readouts.runs["stage"] == "second"
    lost = changed(readouts, second, status="FAILED", diverged_at=1.0)
    assert said(lost) == (
        "There are no two stages to set side by side. "
        "No setting of second has finished, so it is left out."
    )
    assert not stage_comparison.draw(lost, BOTH).traces
    assert stage_comparison.table(lost, BOTH).empty
    bare = changed(readouts, second, **{ERROR: np.nan})
    assert "No setting of second has finished" in said(bare)


def test_nothing_in_common_is_said(readouts: Frames) -> None:
    kept = [name for name in readouts.runs if "/" not in str(name)]
    goal = {"metric": "validation/own", "direction": "minimize"}
    runs = readouts.runs[kept].assign(**{"validation/own": 1.0})
    study = {**readouts.study, "objective": goal}
    frames = replace(readouts, runs=runs, study=study, memory={})
    assert stages.metrics(frames, BOTH) == ("validation/own",)
    second = frames.runs["stage"] == "second"
    other = runs.assign(**{ERROR: np.where(second, 1.0, np.nan), "validation/own": np.nan})
    other.loc[~second, "validation/own"] = 1.0
    apart = replace(frames, runs=other, memory={})
    assert "There is no measure that the best of first and second all have." in said(apart)
    assert not stage_comparison.draw(apart, BOTH).traces


def test_a_seed_without_a_readout_counts_as_none(readouts: Frames) -> None:
    poor = (readouts.runs["stage"] == "second") & (readouts.runs["seed"] == 2)
    frames = changed(readouts, poor, **{PROBE: np.nan})
    assert "over 2 pairs" in said(frames)
    text = next(named(stage_comparison.draw(frames, BOTH).traces, BESTS))["text"]
    assert text[0].endswith("3 seeds")
    assert text[1].endswith("2 seeds")


def test_narrow_panels_stand_one_upon_another(readouts: Frames) -> None:
    wide, narrow = (stage_comparison.draw(readouts, BOTH, columns=n) for n in (3, 1))
    assert narrow.height > 2 * wide.height
    assert {tuple(narrow.layout[f"xaxis{n}"]["domain"]) for n in ("", 2, 3, 4, 5)} == {(0.0, 1.0)}
    domains = [narrow.layout[f"yaxis{n}"]["domain"] for n in ("", 2, 3, 4, 5)]
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains))


def test_every_mark_and_interval_lies_within_its_panel(readouts: Frames) -> None:
    drawn = stage_comparison.draw(readouts, BOTH)
    for index, metric in enumerate(stages.metrics(readouts, BOTH)):
        low, high = drawn.layout[f"yaxis{'' if index == 0 else index + 1}"]["range"]
        own = stage_comparison.table(readouts, BOTH)
        own = own[own["metric"] == metric]
        assert low < own["low"].min()
        assert high > own["high"].max()
        if "units" in metric:
            assert low < 0 < high


def test_names_are_inert_and_long_ones_are_cut(readouts: Frames) -> None:
    hostile = {"first": "<img src=x onerror=alert(1)>%{x}", "second": "s" * 5000}
    frames = on_another(readouts)
    frames = renamed(frames, hostile)
    shown = stages.recorded(frames)
    for columns in (3, 1):
        drawn = stage_comparison.draw(frames, shown, columns=columns)
        text = str(drawn.spec())
        assert "<img" not in text
        assert "%{x}" not in text
        ticks = drawn.layout["xaxis"]["ticktext"]
        assert all(tick.count("<br>") <= stage_comparison.LINES for tick in ticks)
        assert ticks[1].endswith("…")
        assert drawn.height < 2000
    assert "<img src=x onerror=alert(1)>%{x}" in stage_comparison.sentence(frames, shown)


def test_a_setting_below_that_lost_all_has_no_mark(readouts: Frames) -> None:
    first = readouts.runs["stage"] == "first"
    parents = readouts.runs["corruption.level"] == 0.0
    frames = changed(readouts, first & parents, status="FAILED")
    drawn = stage_comparison.draw(frames, BOTH)
    assert not list(named(drawn.traces, OTHERS))
    assert "continues a setting without a rank of first" in said(frames)
