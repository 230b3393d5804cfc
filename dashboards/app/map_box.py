"""The map of settings with the choice of its axes: where a reader brushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html
from dash.development.base_component import Component

from ..figures import settings_map
from .address import Between, View
from .components import chart
from .screen import Screen
from .tabs import map_axes, map_chart

if TYPE_CHECKING:
    from ..frames import Frames


def map_box(
    frames: Frames, stage: str, view: View, settings: frozenset[str] | None, screen: Screen
) -> list[Component]:
    """The map below the two choices; nothing where there are not two columns to draw."""
    choices = settings_map.choices(frames, stage)
    if len(choices) < 2:
        return []
    x, y = map_axes(frames, stage, view.x, view.y)
    options = [{"label": label, "value": column} for column, label in choices]
    pickers = [
        html.Label(
            [
                html.Span(text),
                dcc.Dropdown(
                    id=name, options=options, value=value, clearable=False, className="choice"
                ),
            ],
            className="picker",
        )
        for text, name, value in (("across", "map-x", x), ("up", "map-y", y))
    ]
    return [
        html.Section(
            [
                html.H2("Map of settings"),
                html.Div(pickers, className="pickers"),
                chart(map_chart(frames, stage, x, y, settings), view, screen),
            ],
            className="map",
        )
    ]


def brushed(frames: Frames, stage: str, view: View, ranges: dict[str, list[float]]) -> View:
    """The view after a box was drawn on the map; ``ranges`` are its ends on both axes, as drawn."""
    x, y = map_axes(frames, stage, view.x, view.y)
    conditions = []
    for column, axis in ((x, "x"), (y, "y")):
        low, high = sorted(map(float, ranges[axis]))
        found = settings_map.column_range(frames, stage, column, low, high)
        conditions.append(Between(column, *found))
    return view.narrowed(*conditions)
