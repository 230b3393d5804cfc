"""Sections, charts and tables as Dash's components. Every name enters as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from ..chart import Chart, Section
from ..figures.waveform import address
from ..wording import number
from .address import View, query
from .screen import Screen, drawn

CONFIG: Any = {
    "displayModeBar": False,
    "displaylogo": False,
    "doubleClick": False,
    "plotlyServerURL": "",
    "responsive": True,
    "scrollZoom": False,
    "showSendToCloud": False,
    "showTips": False,
    "topojsonURL": "data:,",
    "typesetMath": False,
}
MAP = "map"
"""The chart that is brushed."""


def attributes(**values: str) -> dict[str, Any]:
    """HTML's own attributes, whose hyphens no name in Python has: ``aria_label="…"``."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def section(made: Section, view: View, screen: Screen) -> Component:
    """A heading with its note, its table of texts and its charts."""
    note = {"type": "section", "name": made.name}
    return html.Section(
        [
            html.H2(made.title),
            *([html.P(made.note, id=note, className="note")] if made.note else []),
            *([plain_table(made.words, made.title)] if made.words is not None else []),
            *(chart(one, view, screen) for one in made.charts),
        ],
        id=made.name,
        className=made.kind,
    )


def chart(made: Chart, view: View, screen: Screen) -> Component:
    """A chart below its title and sentence, above its note and what can be taken from it."""
    spec = drawn(made, screen)

    def named(kind: str) -> dict[str, str]:
        return {"type": kind, "name": made.name}

    if made.name == MAP:
        # The box that was drawn has become conditions, which are said above.
        spec["layout"] |= {"selections": [], "selectionrevision": query(view)}
    return html.Figure(
        [
            html.Figcaption([html.H3(made.title), html.P(made.sentence, id=named("sentence"))]),
            dcc.Graph(
                id=MAP if made.name == MAP else named("chart"),
                figure=spec,
                config=CONFIG,
                className="chart",
                style={"height": f"{spec['layout']['height']}px"},
            ),
            *players(made),
            *([html.P(made.note, id=named("note"), className="note")] if made.note else []),
            html.A(
                "Save numbers (CSV)",
                id=named("numbers"),
                href=f"numbers/{made.name}.csv{query(view)}",
                download="",
                className="save",
            ),
            html.Button(
                "Save chart (SVG)",
                className="save",
                type="button",
                **attributes(data_image=made.name),
            ),
        ],
        id=f"figure-{made.name}",
        **attributes(data_chart=made.name),
    )


def players(made: Chart) -> list[Component]:
    """The chart's sounds, each below its label; none, not even their place, where it has none."""
    heard = [
        html.P(
            [
                label,
                html.Br(),
                html.Audio(
                    src=address(content),
                    controls=True,
                    preload="metadata",
                    **attributes(aria_label=label),
                ),
            ]
        )
        for label, content in made.players
    ]
    return [html.Div(heard, className="players")] if heard else []


def table(
    head: Sequence[Any], rows: Sequence[Sequence[Any]], label: str, name: str = "ranked"
) -> Component:
    """A table that scrolls sideways where it must; the first cell of a row is its heading."""
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(cell, scope="col") for cell in head])),
                html.Tbody(
                    [
                        html.Tr(
                            [html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]
                        )
                        for row in rows
                    ]
                ),
            ],
            className=name,
        ),
        className="scroll",
        tabIndex=0,
        role="region",
        **attributes(aria_label=label),
    )


def plain_table(frame: pd.DataFrame, label: str) -> Component:
    """A table of texts and numbers as they are, whose long texts are wrapped."""
    rows = [[shown(cell) for cell in row] for row in frame.itertuples(index=False)]
    return table([str(name) for name in frame.columns], rows, label, "ranked words")


def shown(cell: Any) -> str:
    """A cell's text: numbers to four digits, "–" for what is missing."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return number(float(cell), 4) if isinstance(cell, float) else str(cell)


def link(
    text: Any, view: View, name: str = "", title: str | None = None, place: str = ""
) -> Component:
    """A link to a view, which the page follows without being loaded anew.

    With a ``place`` of its own on the page it stays there, whatever view it comes to lead to.
    """
    own: dict[str, Any] = {"id": {"type": "link", "name": place}} if place else {}
    return dcc.Link(text, href=query(view), className=name, title=title, **own)
