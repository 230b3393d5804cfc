"""Is the best network any good? Its test error beside PCA, an untrained network, the mean image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import statistics
from ..effects import ranked
from ..memory import remembered
from ..outline import finished, measure_of, objective, swept
from ..palette import LIGHT
from ..wording import capital, measure_label, number, setting_text, spread
from .style import (
    Drawing,
    axis,
    checked,
    drawing,
    labels_above,
    log_axis,
    plain,
    rows_axis,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from ..frames import Frames

SHOWN = 3
STEEP = 8.0


def metric(frames: Frames, stage: str) -> str:
    """The test metric on which networks and controls meet."""
    wanted = f"test/{measure_of(objective(frames, stage)[0])}"
    known = {name for control in _of(frames, stage) for name in control.get("metrics", {})}
    return wanted if wanted in known else "test/reconstruction_error"


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``name, kind ("network" or "control"), label, mean, low, high, n``, in the chart's order.

    Networks are the best settings by the objective; the untrained network is measured at step 0
    over the best setting's seeds where trials hold it, so that it has an interval.
    """
    on = metric(frames, stage)
    order = ranked(frames, stage)
    rows: list[tuple[str, str, str, statistics.Interval]] = []
    trials = finished(frames, stage, on)
    for place, setting in enumerate(order.index[:SHOWN]):
        own = trials[trials["setting"] == setting]
        if own.empty:
            continue
        values = statistics.rows(order.loc[[setting]])[0]
        text = setting_text(frames, values, swept(frames, stage))
        label = f"{place + 1}. {text}"
        rows.append((str(setting), "network", label, statistics.interval(own[on].to_numpy())))
    before = f"untrained/{measure_of(on)}"
    for control in _of(frames, stage):
        value = control.get("metrics", {}).get(on)
        found = statistics.interval([np.nan if value is None else float(value)])
        if control["name"] == "untrained" and len(order) and before in trials.columns:
            own = trials[trials["setting"] == order.index[0]]
            measured = statistics.interval(own[before].to_numpy())
            found = measured if measured.n else found
        if found.n:
            rows.append((control["name"], "control", str(control["label"]), found))
    return pd.DataFrame(
        [(name, kind, label, e.mean, e.low, e.high, e.n) for name, kind, label, e in rows],
        columns=["name", "kind", "label", "mean", "low", "high", "n"],
    )


def draw(frames: Frames, stage: str, beside: bool = True) -> Drawing:
    """A dot per network and control with its interval; labels ``beside`` the rows or above them."""
    rows = table(frames, stage)
    names = [wrapped(label, 46 if beside else 44) for label in rows["label"]]
    lines = sum(name.count("<br>") + 1 for name in names)
    height = 96 + (22 * lines + 20 * len(names) if beside else 62 * len(names))
    drawn = drawing(height, margin={"l": 12, "r": 64 if beside else 32, "t": 12, "b": 54})
    if rows.empty:
        return drawn
    steep = bool((rows["mean"] > 0).all() and rows["mean"].max() > STEEP * rows["mean"].min())
    for kind, colour, symbol in (
        ("network", LIGHT.categorical[0], "circle"),
        ("control", LIGHT.reference, "diamond"),
    ):
        part = rows[rows["kind"] == kind]
        if part.empty:
            continue
        low = part["low"].clip(lower=float(rows["mean"].min()) / STEEP if steep else -np.inf)
        drawn.traces.append(
            typed(
                "scatter",
                x=list(part["mean"]),
                y=list(part.index),
                mode="markers+text",
                cliponaxis=False,
                marker={"color": colour, "size": 10, "symbol": symbol},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 2,
                    "width": 0,
                    "color": colour,
                    "array": list((part["high"] - part["mean"]).fillna(0.0)),
                    "arrayminus": list((part["mean"] - low).fillna(0.0)),
                },
                text=[f" {number(value)}" for value in part["mean"]],
                textposition="top center" if beside else "bottom center",
                textfont={"size": 12.5, "color": LIGHT.text},
                customdata=[_bounds(row) for row in statistics.rows(part)],
                hovertemplate="<b>%{text}</b>%{customdata}<extra></extra>",
            )
        )
    drawn.layout["xaxis"] = axis(
        capital(plain(measure_label(frames, metric(frames, stage)))) + (", log" if steep else ""),
        **(log_axis(rows["mean"].min(), rows["mean"].max()) if steep else {"rangemode": "tozero"}),
    )
    drawn.layout["yaxis"] = rows_axis(names, beside)
    if not beside:
        drawn.annotations += labels_above(names)
    return drawn


figure = checked(draw)


def _of(frames: Frames, stage: str) -> list[dict[str, Any]]:
    return [c for c in frames.study.get("controls") or [] if c.get("stage", stage) == stage]


def _bounds(row: dict[str, Any]) -> str:
    found = statistics.Interval.of(row)
    return f"<br>{spread(found)}" if found.known else ""
