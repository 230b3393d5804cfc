"""What all charts share: quiet axes, the page's fonts, nothing that moves the eye from the data.

Figures are drawn in the light palette; a dark page exchanges colours (``palette.exchange``).
"""

from __future__ import annotations

import functools
import html
import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec

from ..palette import LIGHT, faint
from ..wording import value_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

P = ParamSpec("P")

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def plain(text: object) -> str:
    """Text of unknown origin for a label: Plotly reads tags and entities, so none may be left."""
    return html.escape(str(text), quote=False).replace("%{", "%&#123;")


def wrapped(text: object, width: int) -> str:
    """``plain`` text with a break after at most ``width`` letters."""
    return "<br>".join(plain(line) for line in textwrap.wrap(str(text), width)) or " "


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis: a fine line with outside ticks, faint grid, a standing-off title."""
    return {
        "title": {"text": title, "standoff": 10, "font": {"color": LIGHT.quiet_text, "size": 13}},
        "color": LIGHT.quiet_text,
        "gridcolor": LIGHT.grid,
        "linecolor": LIGHT.axis,
        "tickcolor": LIGHT.axis,
        "tickfont": {"color": LIGHT.quiet_text, "size": 12},
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "ticklabelstandoff": 0 if more.get("ticks", "outside") else 6,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        **more,
    }


@dataclass
class Drawing:
    """A chart as plain dictionaries."""

    height: int
    layout: dict[str, Any]
    traces: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)

    def spec(self) -> dict[str, Any]:
        """``data`` and ``layout`` in the shared style, as Plotly's JSON has them."""
        layout = {
            "template": {},
            "height": self.height,
            "autosize": True,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 13, "color": LIGHT.text},
            "margin": {"l": 64, "r": 16, "t": 28, "b": 56},
            "showlegend": False,
            "hoverlabel": {
                "bgcolor": LIGHT.background,
                "bordercolor": LIGHT.axis,
                "font": {"family": FONT, "size": 13, "color": LIGHT.text},
                "align": "left",
            },
            "hovermode": "closest",
            "colorway": list(LIGHT.categorical),
            **self.layout,
        }
        if self.annotations:
            layout["annotations"] = self.annotations
        if self.shapes:
            layout["shapes"] = self.shapes
        return {"data": self.traces, "layout": layout}

    def figure(self) -> go.Figure:
        """A figure of Plotly's, which checks every name and value (0.3 s for a whole report)."""
        import plotly.graph_objects as go

        return go.Figure(self.spec())


def checked(draw: Callable[P, Drawing]) -> Callable[P, go.Figure]:
    """The function that draws as one that gives Plotly's own figure, for notebooks and apps."""

    @functools.wraps(draw)
    def figure(*args: P.args, **kwargs: P.kwargs) -> go.Figure:
        return draw(*args, **kwargs).figure()

    return figure


def typed(kind: str, **settings: Any) -> dict[str, Any]:
    """A trace or a shape of a kind: "scatter", "heatmap", "bar"; "line", "rect"."""
    return {"type": kind, **settings}


def drawing(height: int, **layout: Any) -> Drawing:
    """An empty drawing of ``height`` pixels; ``layout`` overrides the shared style."""
    return Drawing(height, layout)


def legend(**more: Any) -> dict[str, Any]:
    """A horizontal legend above the plot, left aligned."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "font": {"size": 12.5, "color": LIGHT.text},
        "itemclick": False,
        "itemdoubleclick": False,
        **more,
    }


def panel_title(text: str, x: float, y: float) -> dict[str, Any]:
    """A panel's own title at paper coordinates, left aligned, above the panel."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "font": {"size": 13, "color": LIGHT.text},
    }


def rows_axis(names: Sequence[str], beside: bool, above: float = 0.75) -> dict[str, Any]:
    """A y axis of named rows 0, 1, 2, … from the top, the names shown ``beside`` them or not.

    ``above``: room over the first row, in rows.
    """
    return axis(
        "",
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(names),
        showticklabels=beside,
        showgrid=True,
        range=[len(names) - 0.4, -above],
        showline=False,
        ticks="",
        tickfont={"color": LIGHT.text, "size": 13},
    )


def labels_above(names: Sequence[str]) -> list[dict[str, Any]]:
    """The names of rows 0, 1, 2, … above them, where a narrow page has no room beside them."""
    return [
        {
            "text": name,
            "x": 0,
            "xref": "paper",
            "y": row,
            "yshift": 8,
            "xanchor": "left",
            "yanchor": "bottom",
            "align": "left",
            "showarrow": False,
            "font": {"color": LIGHT.text, "size": 12.5},
        }
        for row, name in enumerate(names)
    ]


def band(
    across: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str, **more: Any
) -> dict[str, Any]:
    """The area between two bounds, in a faint ``colour``: an interval along a line."""
    return typed(
        "scatter",
        x=[*across, *across[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=faint(colour),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        **more,
    )


def tiles(
    n: int, columns: int, gap: float, row_gap: float
) -> list[tuple[list[float], list[float]]]:
    """Domains (x, y) of ``n`` panels, ``columns`` to a row, from the top left.

    Gaps are in paper units.
    """
    columns = max(1, min(columns, n))
    rows = max(1, -(-n // columns))
    width = (1 - gap * (columns - 1)) / columns
    height = (1 - row_gap * (rows - 1)) / rows
    domains = []
    for index in range(n):
        row, column = divmod(index, columns)
        left, top = column * (width + gap), 1 - row * (height + row_gap)
        domains.append(
            (
                [max(left, 0.0), min(left + width, 1.0)],
                [max(top - height, 0.0), min(top, 1.0)],
            )
        )
    return domains


def log_axis(low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis around positive ``low`` to ``high``; ticks at 1, 2, 5 of each decade."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    marks = [digit * 10.0**power for power in range(first - 1, last + 1) for digit in (1, 2, 5)]
    if last - first > 3:
        marks = [10.0**power for power in range(first - 1, last + 1)]
    return {
        "type": "log",
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": [value_text(mark) for mark in marks],
    }
