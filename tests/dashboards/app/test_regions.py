"""What is told to a page that stands already: all that differs, and nothing where nothing does."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from layerwise.dashboards.app.address import View
from layerwise.dashboards.app.components import section
from layerwise.dashboards.app.regions import Region
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.stage_sections import ranks


def made(text: str = "a", around: str = "b", y: tuple[float, ...] = (1.0, 2.0)) -> Region:
    """A text and a chart with ids, beside a text that has none."""
    figure = {"data": [{"y": list(y)}], "layout": {"height": 3}}
    return Region.of(
        [
            html.P(text, id="said", className="note"),
            html.Div([around, dcc.Graph(id={"type": "chart", "name": "c"}, figure=figure)]),
        ]
    )


def test_the_same_is_the_same() -> None:
    assert made().mark == made().mark
    assert list(made().changes(made().mark)) == []


def test_what_has_an_id_changes_where_it_stands() -> None:
    before, after = made(), made(text="new", y=(3.0,))
    assert after.shape == before.shape
    told: list[tuple[Any, dict[str, Any]]] = list(after.changes(before.mark))
    assert told == [
        ("said", {"className": "note", "children": "new"}),
        (
            {"type": "chart", "name": "c"},
            {"figure": {"data": [{"y": [3.0]}], "layout": {"height": 3}}, "children": None},
        ),
    ]


def test_what_has_none_changes_the_shape() -> None:
    assert made(around="new").shape != made().shape
    more = Region.of([*made().children, html.P("one more")])
    assert more.shape != made().shape


def test_a_component_that_grows_children_changes_the_shape() -> None:
    text = Region.of([html.P("a", id="said")])
    parts = Region.of([html.P(["a", html.B("b")], id="said")])
    assert text.shape != parts.shape


def test_a_selection_changes_no_shape(crossing: Frames) -> None:
    def region(frames: Frames) -> Region:
        return Region.of([section(ranks(frames, "codes", 0, ""), View("crossing"), Screen())])

    few = Frames(
        crossing.runs[crossing.runs["corruption.level"] == 0.4], crossing.history, crossing.study
    )
    assert region(few).shape == region(crossing).shape
    assert region(few).content != region(crossing).content
    told = {str(name): props for name, props in region(few).changes(region(crossing).mark)}
    graph = told[str({"type": "chart", "name": "ranking-0-chart"})]
    assert sum(len(trace["x"]) for trace in graph["figure"]["data"]) == 6
