"""Sections of what was measured: a chart for each figure that has data, and none without."""

from __future__ import annotations

from layerwise.dashboards.figures import common_axes, importance, pareto
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.measured_sections import importances, inside, likelihoods, trade_offs


def test_charts_have_the_numbers_of_their_figures(crossing: Frames) -> None:
    [shares, lines] = importances(crossing, "codes", 3, "").charts
    assert shares.table.equals(importance.table(crossing, "codes"))
    assert shares.sentence == importance.sentence(crossing, "codes")
    assert len(lines.table) == 12
    front, *axes = trade_offs(crossing, "codes", 3, "").charts
    assert front.table.equals(pareto.table(crossing, "codes"))
    assert len(axes) == len(common_axes.outcomes(crossing, "codes"))
    names = [
        c.name
        for made in (importances, trade_offs, inside)
        for c in made(crossing, "codes", 3, "").charts
    ]
    assert len(set(names)) == len(names)
    assert all("-3-" in name for name in names)


def test_every_chart_has_a_drawing_for_narrow_screens(crossing: Frames) -> None:
    for made in (importances, trade_offs, inside):
        for chart in made(crossing, "codes", 0, "").charts:
            assert chart.narrow is not None
            assert chart.narrow.traces
            assert chart.drawing.traces


def test_without_data_there_is_no_chart(one_trial: Frames) -> None:
    [stage] = one_trial.stages
    assert not likelihoods(one_trial, stage, 0, "").charts
    assert not importances(one_trial, stage, 0, "").charts
    assert not trade_offs(one_trial, stage, 0, "").charts
