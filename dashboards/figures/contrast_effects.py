"""A hyperparameter that two records both sweep: its effect in the one beside that in the other.

Each line is the mean over the other settings of its own record, taken seed by seed over the same
company at every value (``effects``), with Student's t over seeds. The company differs between the
two, so that the lines' shapes may be compared, and their heights only with care. Where data differ
nothing shares an axis.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..effects import effect
from ..outline import swept
from ..palette import LIGHT
from ..sides import Pair, Side
from ..statistics import rows
from ..wording import (
    axis_entry,
    axis_label,
    capital,
    listing,
    measure_label,
    number,
    value_text,
)
from . import regularisers
from .scales import Scale, scale, ticks
from .style import Drawing, axis, band, checked, drawing, legend, panel_title, plain, tiles, typed

COLUMNS = ["metric", "side", "label", "view", "value", "mean", "low", "high", "n"]
Panel = tuple[str, tuple[Side, ...]]


def paths(pair: Pair) -> tuple[str, ...]:
    """The hyperparameters that both stages sweep, in the left one's order."""
    if not all(len(side.frames.runs) for side in pair.sides):
        return ()
    theirs = swept(pair.right.frames, pair.right.stage)
    return tuple(path for path in swept(pair.left.frames, pair.left.stage) if path in theirs)


def metrics(pair: Pair) -> tuple[str, ...]:
    """The measures of ``regularisers`` that both have, the common one first."""
    ours, theirs = (regularisers.metrics(side.frames, side.stage) for side in pair.sides)
    both = [name for name in ours if name in theirs and name != pair.metric]
    return (pair.metric, *both)[:3]


def table(pair: Pair, path: str) -> pd.DataFrame:
    """``metric, side, label, view, value, mean, low, high, n``: every point of every panel.

    ``view`` is "average", or "draw" where values were drawn at random and each is one setting.
    """
    name = f"effect {path}"
    if name not in pair.memory:
        parts = [
            part.assign(metric=metric, side=("left", "right")[side.place], label=side.label)
            for metric in metrics(pair)
            for side in pair.sides
            for part in [effect(side.frames, side.stage, path, metric).table]
            if len(part)
        ]
        every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
        pair.memory[name] = every.loc[every["view"] != "best", COLUMNS].reset_index(drop=True)
    return pair.memory[name]


def draw(pair: Pair, path: str, columns: int = 3) -> Drawing:
    """A panel per measure for both, or per measure and side, ``columns`` to a row."""
    every = table(pair, path)
    panels = _panels(pair)
    columns = min(columns, len(panels)) if pair.same_data else min(columns, 2)
    height = 52 + 300 * -(-len(panels) // columns)
    drawn = drawing(height, margin={"l": 56, "r": 14, "t": 70, "b": 52})
    if every.empty:
        return drawn
    domains = tiles(len(panels), columns, gap=0.085, row_gap=96 / height)
    log = any(bool(axis_entry(side.frames, path).get("log")) for side in pair.sides)
    along = scale(list(every["value"]), log)
    margin = (along.positions[-1] - along.positions[0]) * 0.06 or 0.5
    reach = [along.positions[0] - margin, along.positions[-1] + margin]
    title = plain(axis_label(pair.left.frames, path))
    told: set[int] = set()
    points: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows(every):
        points.setdefault((row["metric"], row["side"]), []).append(row)
    for index, (metric, sides) in enumerate(panels):
        name = "" if index == 0 else str(index + 1)
        for side in sides:
            if part := points.get((metric, ("left", "right")[side.place])):
                place = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
                drawn.traces += _traces(side, part, along, title, side.place not in told, place)
                told.add(side.place)
        x, y = domains[index]
        drawn.layout[f"xaxis{name}"] = axis(
            title, domain=x, anchor=f"y{name}", range=reach, showgrid=False, **ticks(along)
        )
        drawn.layout[f"yaxis{name}"] = axis(
            "", domain=y, anchor=f"x{name}", nticks=6, showline=False, ticks=""
        )
        label = capital(plain(measure_label(pair.left.frames, metric, split=False)))
        drawn.annotations.append(panel_title(f"<b>{label}</b>", x[0], y[1]))
        if along.gap is not None:
            drawn.shapes.append(_break(along.gap, name))
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(y=1 + 32 / (height - 122), traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(pair: Pair, path: str) -> str:
    """At which value each side's mean is the best, and what it is there."""
    every = table(pair, path)
    metric = pair.metric
    parts = []
    for side in pair.sides:
        mine = every["side"] == ("left", "right")[side.place]
        part = every[mine & (every["metric"] == metric)].dropna(subset=["mean"])
        if part.empty:
            continue
        lower = side.objective[1] if metric == side.objective[0] else True
        best = rows(part.sort_values("mean", ascending=lower, kind="stable"))[0]
        parts.append(f"{value_text(best['value'])} in {side.label} ({number(best['mean'])})")
    if not parts:
        return f"No value of {axis_label(pair.left.frames, path)} has been measured on both sides."
    lower = pair.left.objective[1] if metric == pair.left.objective[0] else True
    label, axis_ = measure_label(pair.left.frames, metric), axis_label(pair.left.frames, path)
    least = "lowest" if lower else "highest"
    return f"On average the {label} is {least} at a {axis_} of {listing(parts)}."


def _panels(pair: Pair) -> list[Panel]:
    if pair.same_data:
        return [(metric, pair.sides) for metric in metrics(pair)]
    return [(metric, (side,)) for metric in metrics(pair) for side in pair.sides]


def _traces(
    side: Side,
    part: list[dict[str, Any]],
    along: Scale,
    title: str,
    told: bool,
    place: dict[str, str],
) -> list[dict[str, Any]]:
    part = sorted(part, key=lambda row: along.at(row["value"]))
    across = [along.at(row["value"]) for row in part]
    lined = not along.named and all(row["view"] == "average" for row in part)
    known = [row["low"] == row["low"] for row in part]
    traces = []
    if lined and all(known) and len(part) > 1:
        low, high = ([row[end] for row in part] for end in ("low", "high"))
        traces.append(band(across, low, high, side.colour, **place))
    points = typed(
        "scatter",
        x=across,
        y=[row["mean"] for row in part],
        mode="lines+markers" if lined else "markers",
        name=plain(side.label),
        legendgroup=str(side.place),
        showlegend=told,
        marker={"color": side.colour, "size": 8, "symbol": side.symbol},
        text=[_hover(side, row) for row in part],
        hovertemplate=f"{title} %{{text}}<extra></extra>",
        **place,
    )
    if lined:
        points["line"] = {"color": side.colour, "width": 2.3, "dash": side.dash}
    elif any(known):
        half = [row["high"] - row["mean"] if row["low"] == row["low"] else 0.0 for row in part]
        points["error_y"] = {"array": half, "color": side.colour, "thickness": 1.2, "width": 0}
    return [*traces, points]


def _hover(side: Side, row: dict[str, Any]) -> str:
    bounds = (
        f"<br>{number(row['low'])} to {number(row['high'])}" if row["low"] == row["low"] else ""
    )
    value = plain(value_text(row["value"]))
    return f"{value}, {plain(side.label)}: <b>{number(row['mean'])}</b>{bounds}"


def _break(gap: float, name: str) -> dict[str, Any]:
    """Where a logarithmic axis is broken before its zero."""
    return typed(
        "line",
        xref=f"x{name}",
        yref=f"y{name} domain",
        x0=gap,
        x1=gap,
        y0=-0.02,
        y1=0.02,
        line={"color": LIGHT.axis, "width": 5},
    )
