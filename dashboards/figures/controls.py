"""Is the best network any good? Its test error beside PCA, an untrained network, the mean image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from .. import statistics
from ..effects import ranked
from ..memory import remembered
from ..outline import finished, measure_of, objective, swept
from ..palette import LIGHT
from ..wording import capital, measure_label, number, setting_text, spread
from .style import axis, drawing, log_axis, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

SHOWN = 3
STEEP = 8.0


def metric(frames: Frames, stage: str) -> str:
    """The test metric on which networks and controls meet."""
    wanted = f"test/{measure_of(objective(frames)[0])}"
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
        text = setting_text(frames, order.loc[setting], swept(frames, stage))
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


def figure(frames: Frames, stage: str, wrap: int = 46) -> go.Figure:
    """A dot per network and control with its interval; labels are wrapped at ``wrap`` letters."""
    rows = table(frames, stage)
    names = ["<br>".join(_wrapped(plain(label), wrap)) for label in rows["label"]]
    lines = sum(name.count("<br>") + 1 for name in names)
    drawn = drawing(96 + 22 * lines + 20 * len(names), margin={"l": 12, "r": 64, "t": 12, "b": 54})
    if rows.empty:
        return drawn.figure()
    steep = (rows["mean"] > 0).all() and rows["mean"].max() / rows["mean"].min() > STEEP
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
                textposition="top center",
                textfont={"size": 12.5, "color": LIGHT.text},
                customdata=[_bounds(row) for row in part.itertuples()],
                hovertemplate="<b>%{text}</b>%{customdata}<extra></extra>",
            )
        )
    drawn.layout["xaxis"] = axis(
        capital(plain(measure_label(frames, metric(frames, stage)))) + (", log" if steep else ""),
        **(log_axis(rows["mean"].min(), rows["mean"].max()) if steep else {"rangemode": "tozero"}),
    )
    drawn.layout["yaxis"] = axis(
        "",
        tickmode="array",
        tickvals=list(rows.index),
        ticktext=names,
        showgrid=True,
        range=[len(rows) - 0.4, -0.75],
        showline=False,
        ticks="",
        tickfont={"color": LIGHT.text, "size": 13},
    )
    return drawn.figure()


def _of(frames: Frames, stage: str) -> list[dict[str, object] | object]:
    return [c for c in frames.study.get("controls") or [] if c.get("stage", stage) == stage]


def _bounds(row: object) -> str:
    found = statistics.Interval(row.mean, row.low, row.high, row.n)  # type: ignore[attr-defined]
    return f"<br>{spread(found)}" if found.known else ""


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width) or [""]
