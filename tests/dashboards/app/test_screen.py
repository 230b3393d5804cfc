"""A chart's values for a screen: the narrow drawing, the dark colours, and only what JSON has."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layerwise.dashboards.app.screen import Screen, drawn
from layerwise.dashboards.chart import Chart
from layerwise.dashboards.figures.style import drawing
from layerwise.dashboards.palette import DARK, LIGHT, faint


def made(**trace: Any) -> Chart:
    """A chart of one trace, whose narrow drawing is higher."""
    wide = drawing(300)
    wide.traces.append({"type": "scatter", **trace})
    return Chart("one", "One", "A sentence.", wide, pd.DataFrame(), lambda: drawing(500))


def test_a_narrow_screen_gets_the_narrow_drawing() -> None:
    assert drawn(made(), Screen(narrow=True))["layout"]["height"] == 500
    assert drawn(made(), Screen())["layout"]["height"] == 300


def test_a_dark_screen_gets_each_colours_partner() -> None:
    colours = [LIGHT.categorical[0], LIGHT.categorical[1], "red"]
    chart = made(marker={"color": colours}, fillcolor=faint(LIGHT.categorical[0]))
    trace = drawn(chart, Screen(dark=True))["data"][0]
    assert trace["marker"]["color"] == [DARK.categorical[0], DARK.categorical[1], "red"]
    assert trace["fillcolor"] == faint(DARK.categorical[0], 0.22)
    assert drawn(chart, Screen())["data"][0]["marker"]["color"] == colours


def test_a_drawing_is_left_as_it_was() -> None:
    chart = made(marker={"color": [LIGHT.text]}, x=[1.0, float("nan")])
    drawn(chart, Screen(dark=True))
    assert chart.drawing.traces[0]["marker"]["color"] == [LIGHT.text]
    assert "uirevision" not in chart.drawing.layout


def test_values_are_those_that_json_has() -> None:
    chart = made(
        x=np.array([1.0, np.nan, np.inf]),
        y=[1.0, float("-inf"), 2.0],
        z=np.float32(0.5),
        text=("a", None),
        n=np.int64(3),
    )
    trace = json.loads(json.dumps(drawn(chart, Screen()), allow_nan=False))["data"][0]
    assert trace["x"] == [1.0, None, None]
    assert trace["y"] == [1.0, None, 2.0]
    assert (trace["z"], trace["n"], trace["text"]) == (0.5, 3, ["a", None])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, Screen()),
        ({"dark": True}, Screen(dark=True)),
        ({"narrow": True, "dark": False}, Screen(narrow=True)),
    ],
)
def test_a_screen_is_what_the_page_tells(told: dict[str, bool] | None, expected: Screen) -> None:
    assert Screen.of(told) == expected
