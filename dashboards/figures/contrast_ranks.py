"""All settings of two records from best to worst: is only the best better, or are all of them?

A setting's place on the axis is its rank within its own record; its interval is Student's t over
seeds. Where the two share no objective or no data, each has a panel and an axis of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..effects import ranked
from ..outline import swept
from ..sides import DATA, OBJECTIVE, Pair, Side
from ..statistics import Interval, rows
from ..wording import capital, count, measure_label, number, setting_text, spread
from .style import Drawing, axis, checked, drawing, legend, panel_title, plain, tiles, typed

COLUMNS = ["side", "label", "rank", "metric", "mean", "low", "high", "n", "setting", "text"]
APART = 0.14
"""How far the sides stand left and right of their rank, so that no interval hides another."""


def table(pair: Pair) -> pd.DataFrame:
    """A row per ranked setting: ``side`` ("left" or "right") and its label, then as in ``ranked``.

    ``metric`` is the side's own objective; ``text`` the setting in words.
    """
    if "ranks" not in pair.memory:
        found = [row for side in pair.sides for row in _ranked(side)]
        pair.memory["ranks"] = pd.DataFrame(found, columns=COLUMNS)
    return pair.memory["ranks"]


def shared(pair: Pair) -> bool:
    """Whether both sides' values belong on one axis."""
    return not pair.obstacles.keys() & {DATA, OBJECTIVE}


def draw(pair: Pair, columns: int = 2) -> Drawing:
    """One panel for both, or one for each, ``columns`` to a row."""
    every = table(pair)
    panels = [pair.sides] if shared(pair) else [(side,) for side in pair.sides]
    lines = -(-len(panels) // columns)
    height = 40 + 320 * lines
    drawn = drawing(height, margin={"l": 64, "r": 14, "t": 48, "b": 54})
    if every.empty:
        return drawn
    domains = tiles(len(panels), columns, gap=0.1, row_gap=0.28)
    for index, sides in enumerate(panels):
        name = "" if index == 0 else str(index + 1)
        for side in sides:
            part = every[every["side"] == ("left", "right")[side.place]]
            if len(part):
                aside = APART * (2 * side.place - 1) if len(sides) > 1 else 0.0
                drawn.traces.append(_points(side, part, aside, (f"x{name}", f"y{name}")))
        x, y = domains[index]
        most = max(side.settings for side in sides)
        drawn.layout[f"xaxis{name}"] = axis(
            "rank of the setting",
            domain=x,
            anchor=f"y{name}",
            range=[0.2, most + 0.8],
            showgrid=False,
            tickmode="linear" if most < 12 else "auto",
            tick0=1,
            dtick=1,
        )
        label = capital(plain(measure_label(sides[0].frames, sides[0].objective[0])))
        drawn.layout[f"yaxis{name}"] = axis(
            label, domain=y, anchor=f"x{name}", showline=False, ticks="", nticks=6
        )
        if len(panels) > 1:
            title = f"<b>{plain(sides[0].label)}</b>"
            drawn.annotations.append(panel_title(title, x[0], y[1]))
    drawn.layout["showlegend"] = len(panels) == 1
    drawn.layout["legend"] = legend(traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(pair: Pair) -> str:
    """How many settings of the one are better than the best of the other."""
    one, two = pair.sides
    lead = (
        f"There {'is' if one.settings == 1 else 'are'} {count(one.settings, 'setting')} of "
        f"{one.label} and {two.settings} of {two.label}"
    )
    if not shared(pair) or not all(side.settings for side in pair.sides):
        return f"{lead}."
    every = table(pair)
    left, right = (every[every["side"] == side]["mean"].to_numpy() for side in ("left", "right"))
    sign = 1.0 if pair.left.objective[1] else -1.0
    left, right = sign * left, sign * right
    if left.min() == right.min():
        return f"{lead}; the best of both are equal."
    ahead, (first, second) = (0, (left, right)) if left.min() < right.min() else (1, (right, left))
    before = int(np.sum(first < second.min()))
    side, other = pair.sides[ahead], pair.sides[1 - ahead]
    share = "every one" if before == len(first) else str(before)
    were = "lies" if before == 1 or before == len(first) else "lie"
    return f"{lead}: {share} of {side.label} {were} ahead of the best of {other.label}."


def _ranked(side: Side) -> Iterator[tuple[Any, ...]]:
    paths = swept(side.frames, side.stage) if side.settings else ()
    for row in rows(ranked(side.frames, side.stage).reset_index()):
        named = ("left", "right")[side.place], side.label, int(row["rank"]), side.objective[0]
        numbers = row["mean"], row["low"], row["high"], int(row["n"])
        yield *named, *numbers, row["setting"], setting_text(side.frames, row, paths)


def _points(side: Side, part: pd.DataFrame, aside: float, axes: tuple[str, str]) -> dict[str, Any]:
    return typed(
        "scatter",
        x=list(part["rank"] + aside),
        y=list(part["mean"]),
        xaxis=axes[0],
        yaxis=axes[1],
        mode="markers",
        name=plain(side.label),
        marker={"color": side.colour, "size": 7, "symbol": side.symbol},
        error_y={
            "array": list((part["high"] - part["mean"]).fillna(0.0)),
            "color": side.colour,
            "thickness": 1.4,
            "width": 0,
            "visible": bool(part["low"].notna().any()),
        },
        text=[_hover(row) for row in rows(part)],
        hovertemplate="%{text}<extra></extra>",
    )


def _hover(row: dict[str, Any]) -> str:
    found = Interval.of(row)
    bounds = f" ({spread(found)})" if found.known else ""
    text = plain(row["text"]).replace(", ", "<br>")
    label = plain(row["label"])
    return f"{label}, {int(row['rank'])}.: <b>{number(found.mean)}</b>{bounds}<br>{text}"
