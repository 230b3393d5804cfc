"""What one regulariser does: its value against reconstruction error, sparsity and Jacobian norm.

The line with its band is the average over all settings of the other swept hyperparameters; the
dotted line holds them at the best setting's values (``effects`` says how both are kept fair).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..effects import COLUMNS, Effect, effect
from ..outline import measure_of, objective
from ..palette import LIGHT
from ..wording import axis_entry, axis_label, capital, measure_label, number
from .scales import Scale, scale, ticks
from .style import Drawing, axis, band, checked, drawing, legend, panel_title, plain, tiles, typed

if TYPE_CHECKING:
    from ..frames import Frames

BEST, HOLLOW = "others held at the best setting", "diamond-open"
MEASURES = ("reconstruction_error", "hoyer_sparsity", "jacobian_norm")


def metrics(frames: Frames, stage: str) -> tuple[str, ...]:
    """The metrics that are drawn: the objective, and the three measures as far as they exist.

    An objective that is one of the three measures, on whatever split, is drawn in its place.
    """
    trials = frames.trials(stage)
    goal = objective(frames, stage)[0]
    own = [] if measure_of(goal) in MEASURES else [goal]
    known = [*own, *(f"validation/{measure}" for measure in MEASURES)]
    found = tuple(m for m in known if m in trials.columns and trials[m].notna().any())
    return found[: len(MEASURES)] or (goal,)


def table(frames: Frames, stage: str, path: str) -> pd.DataFrame:
    """``metric, view, value, mean, low, high, n``: every point of every panel."""
    parts = [
        effect(frames, stage, path, metric).table.assign(metric=metric)
        for metric in metrics(frames, stage)
    ]
    joined = pd.concat(parts, ignore_index=True)
    return joined[["metric", *(name for name in joined.columns if name != "metric")]]


def draw(frames: Frames, stage: str, path: str, columns: int = 3) -> Drawing:
    """A panel per measure, ``columns`` to a row."""
    shown = metrics(frames, stage)
    effects = [effect(frames, stage, path, metric) for metric in shown]
    rows = -(-len(shown) // min(columns, len(shown)))
    height = 52 + 300 * rows
    domains = tiles(len(shown), columns, gap=0.085, row_gap=96 / height)
    drawn = drawing(height, margin={"l": 56, "r": 14, "t": 70, "b": 52})
    values = [value for found in effects for value in found.table["value"]]
    if not values:
        return drawn
    along = scale(values, bool(axis_entry(frames, path).get("log")))
    title = plain(axis_label(frames, path))
    for index, (metric, found) in enumerate(zip(shown, effects, strict=True)):
        name = "" if index == 0 else str(index + 1)
        for trace in _traces(found, along, f"x{name}", f"y{name}", plain(axis_label(frames, path))):
            drawn.traces.append({**trace, "showlegend": "name" in trace and index == 0})
        x, y = domains[index]
        settings = ticks(along)
        margin = (along.positions[-1] - along.positions[0]) * 0.06 or 0.5
        reach = [along.positions[0] - margin, along.positions[-1] + margin]
        drawn.layout[f"xaxis{name}"] = axis(
            title, domain=x, anchor=f"y{name}", range=reach, showgrid=False, **settings
        )
        drawn.layout[f"yaxis{name}"] = axis(
            "", domain=y, anchor=f"x{name}", nticks=6, showline=False, ticks=""
        )
        label = capital(plain(measure_label(frames, metric, split=False)))
        drawn.annotations.append(panel_title(f"<b>{label}</b>", x[0], y[1]))
        if along.gap is not None:
            drawn.shapes.append(
                typed(
                    "line",
                    xref=f"x{name}",
                    yref=f"y{name} domain",
                    x0=along.gap,
                    x1=along.gap,
                    y0=-0.02,
                    y1=0.02,
                    line={"color": LIGHT.axis, "width": 5},
                )
            )
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(y=1 + 32 / (height - 122), traceorder="normal")
    return drawn


figure = checked(draw)


def _traces(found: Effect, along: Scale, x: str, y: str, label: str) -> list[dict[str, Any]]:
    place = {"xaxis": x, "yaxis": y}
    if not found.crossed:
        return [_points(found.table, along, place, label, "a setting, mean over seeds")]
    views = found.table.assign(at=[along.at(value) for value in found.table["value"]])
    views = views.sort_values("at", kind="stable")
    average, best = (views[views["view"] == view] for view in ("average", "best"))
    name = "average over the other settings" if len(best) else "mean over seeds"
    if along.named:
        # Nothing lies between two names, so nothing leads from one to the other.
        traces = [_points(average, along, place, label, name)]
        if len(best):
            traces.append(_points(best, along, place, label, BEST, LIGHT.categorical[1], HOLLOW))
        return traces
    colour = LIGHT.categorical[0]
    traces = []
    if average["low"].notna().all():
        across = list(average["at"])
        traces.append(band(across, list(average["low"]), list(average["high"]), colour, **place))
    traces.append(_line(average, along, colour, label, name=name, **place))
    if len(best):
        traces.append(
            _line(
                best,
                along,
                LIGHT.categorical[1],
                label,
                name=BEST,
                dash="dot",
                symbol=HOLLOW,
                **place,
            )
        )
    return traces


def _line(
    table: pd.DataFrame,
    along: Scale,
    colour: str,
    label: str,
    dash: str = "solid",
    symbol: str = "circle",
    **more: str,
) -> dict[str, Any]:
    return typed(
        "scatter",
        x=[along.at(value) for value in table["value"]],
        y=list(table["mean"]),
        mode="lines+markers",
        line={"color": colour, "width": 2.3, "dash": dash},
        marker={"color": colour, "size": 7, "symbol": symbol},
        text=_hover(table, along),
        hovertemplate=f"{label} %{{text}}<extra></extra>",
        **more,
    )


def _points(
    table: pd.DataFrame,
    along: Scale,
    place: dict[str, str],
    label: str,
    name: str,
    colour: str = LIGHT.categorical[0],
    symbol: str = "circle",
) -> dict[str, Any]:
    bounds = table["low"].notna().any()
    return typed(
        "scatter",
        x=[along.at(value) for value in table["value"]],
        y=list(table["mean"]),
        mode="markers",
        name=name,
        marker={"color": colour, "size": 8, "symbol": symbol},
        error_y={
            "array": list((table["high"] - table["mean"]).fillna(0.0)),
            "color": colour,
            "thickness": 1.2,
            "width": 0,
            "visible": bool(bounds),
        },
        text=_hover(table, along),
        hovertemplate=f"{label} %{{text}}<extra></extra>",
        **place,
    )


def _hover(table: pd.DataFrame, along: Scale) -> list[str]:
    names = dict(zip(along.values, along.labels, strict=True))
    rows = []
    for value, mean, low, high in zip(*(table[c] for c in COLUMNS[1:5]), strict=True):
        bounds = f"<br>{number(low)} to {number(high)}" if low == low else ""
        rows.append(f"{plain(names[value])}: <b>{number(mean)}</b>{bounds}")
    return rows
