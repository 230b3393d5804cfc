"""A panel per measure; the lines are the effects' numbers."""

from __future__ import annotations

import pytest

from layerwise.dashboards.effects import effect
from layerwise.dashboards.figures import regularisers
from layerwise.dashboards.frames import Frames

METRIC = "validation/reconstruction_error"


def test_lines_show_the_effects(crossing: Frames) -> None:
    figure = regularisers.figure(crossing, "codes", "sparsity.weight")
    table = effect(crossing, "codes", "sparsity.weight", METRIC).table
    average = table[table["view"] == "average"]
    first = [trace for trace in figure.data if trace.yaxis == "y"]
    band, line, best = first
    assert list(line.y) == list(average["mean"])
    assert list(band.y) == [*average["high"], *average["low"][::-1]]
    assert list(best.y) == list(table[table["view"] == "best"]["mean"])
    assert len({trace.yaxis for trace in figure.data}) == 3


def test_zero_stands_left_of_a_logarithmic_axis_behind_a_break(crossing: Frames) -> None:
    figure = regularisers.figure(crossing, "codes", "sparsity.weight")
    assert list(figure.layout.xaxis.ticktext) == ["0", "0.001", "0.01"]
    assert list(figure.layout.xaxis.tickvals) == pytest.approx([-4, -3, -2])
    assert figure.layout.shapes[0].x0 == pytest.approx(-3.5)
    linear = regularisers.figure(crossing, "codes", "corruption.level")
    assert list(linear.layout.xaxis.tickvals) == [0.0, 0.4]
    assert not linear.layout.shapes


def test_one_seed_has_no_band(one_seed: Frames) -> None:
    figure = regularisers.figure(one_seed, "codes", "corruption.level")
    assert all(trace.fill is None for trace in figure.data)


def test_names_stand_in_order_and_no_line_leads_from_one_to_another(widths: Frames) -> None:
    figure = regularisers.figure(widths, "codes", "layers")
    assert list(figure.layout.xaxis.ticktext) == ["[]", "[32]", "[64, 32]", "[128, 64]"]
    assert {trace.mode for trace in figure.data} == {"markers"}
    for trace in figure.data:
        assert list(trace.x) == sorted(trace.x)
    average, best = [trace for trace in figure.data if trace.yaxis == "y"]
    assert average.error_y.visible
    assert best.marker.symbol == "diamond-open"


def test_the_table_has_every_point(crossing: Frames) -> None:
    table = regularisers.table(crossing, "codes", "sparsity.weight")
    assert len(table) == 3 * 2 * 3
    assert list(table.columns) == ["metric", "view", "value", "mean", "low", "high", "n"]


def test_narrow_panels_stand_below_one_another(crossing: Frames) -> None:
    figure = regularisers.figure(crossing, "codes", "corruption.level", columns=1)
    assert figure.layout.height > 900
    assert figure.layout.xaxis3.domain == figure.layout.xaxis.domain == (0, 1)
