"""One trial, epoch by epoch, among its siblings: the same setting's other seeds, other settings.

The strong line is the trial. Around it, of the other seeds of its setting, stand the mean (dashed)
and the range from the least to the most at each epoch (the band: of two or three seeds an interval
would be wider than the plot). Thin lines are means over seeds of other settings of the stage, at
most 30, evenly chosen from the best to the worst. Epoch 0 is the untrained network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..memory import remembered
from ..outline import measure_of, objective
from ..palette import LIGHT
from ..siblings import Panel, panels, trial
from ..trial_histories import Together, thinned
from ..wording import capital, measure_label, number
from .style import (
    Drawing,
    axis,
    band,
    checked,
    drawing,
    legend,
    log_axis,
    panel_title,
    tiles,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from ..frames import Frames

POINTS = 250
"""Points of a line that are drawn."""
STEEP = 8.0
"""Largest over smallest value from which an axis is logarithmic."""
ROW, NARROW, BETWEEN, BELOW = 240, 180, 84, 52
"""Pixels of a panel (on a narrow page), from one to the next below it, and below the last."""
COLUMNS = ["metric", "epoch", "value", "others mean", "others low", "others high", "others n"]
ENDS = {"diverged_at": "diverged", "stopped_at": "was stopped"}


@remembered
def table(frames: Frames, key: str) -> pd.DataFrame:
    """``metric, epoch, value`` of the trial, and ``others mean, … low, … high, … n`` at that epoch.

    The others are the other seeds of its setting: their mean, the least, the most, how many. An
    epoch that only the trial or only they have is there, with NaN for what is missing.
    """
    parts: list[dict[str, NDArray[Any]]] = []
    for panel in panels(frames, key):
        epochs, values = panel.own or (np.empty(0, dtype=np.int64), np.empty(0))
        held = panel.others
        every = np.union1d(epochs, held.epoch)
        own, theirs = np.searchsorted(every, epochs), np.searchsorted(every, held.epoch)
        part = {name: np.full(len(every), np.nan) for name in COLUMNS[2:]}
        part["value"][own] = values
        for name in ("mean", "low", "high"):
            part[f"others {name}"][theirs] = getattr(held, name)
        count = np.zeros(len(every), dtype=np.int64)
        count[theirs] = held.n
        named = np.full(len(every), panel.metric, dtype=object)
        parts.append({**part, "metric": named, "epoch": every, "others n": count})
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.DataFrame({name: np.concatenate([p[name] for p in parts]) for name in COLUMNS})


def draw(frames: Frames, key: str, columns: int = 2) -> Drawing:
    """A panel per metric, ``columns`` to a row: two, or one on a narrow page."""
    shown = panels(frames, key)
    if not shown:
        return drawing(200)
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    top = 78 if columns > 1 else 134
    inner = (ROW if columns > 1 else NARROW) * rows + BETWEEN * (rows - 1)
    domains = tiles(len(shown), columns, gap=0.09, row_gap=BETWEEN / inner)
    if len(shown) % columns:
        domains[-1] = ([0.0, 1.0], domains[-1][1])
    margin = {"l": 56, "r": 14, "t": top, "b": BELOW}
    drawn = drawing(top + inner + BELOW, margin=margin)
    together = [panel for panel in shown if measure_of(panel.metric) == measure_of(shown[0].metric)]
    named: set[str] = set()
    for index, (panel, (x, y)) in enumerate(zip(shown, domains, strict=True)):
        name = "" if index == 0 else str(index + 1)
        place = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
        reach = _steep(together if panel in together else [panel])
        for trace in _traces(frames, key, panel):
            first = "name" in trace and trace["name"] not in named
            named |= {trace["name"]} if first else set()
            drawn.traces.append({**trace, **place, "showlegend": first})
        drawn.layout[f"xaxis{name}"] = axis(
            "epoch", domain=x, anchor=f"y{name}", showgrid=False, rangemode="tozero", nticks=8
        )
        drawn.layout[f"yaxis{name}"] = axis(
            "",
            domain=y,
            anchor=f"x{name}",
            showline=False,
            ticks="",
            **(log_axis(*reach) if reach else {"nticks": 6}),
            **({"matches": "y"} if index and panel in together else {}),
        )
        label = wrapped(capital(measure_label(frames, panel.metric)), 44)
        drawn.annotations.append(panel_title(f"<b>{label}</b>", x[0], y[1]))
        _mark_end(drawn, frames, key, panel, f"x{name}", f"y{name}", index == 0)
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(y=1 + 30 / inner, traceorder="reversed")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, key: str) -> str:
    """From where to where the trial went, its best point on the way, where other seeds stood."""
    metric, lower = objective(frames, str(trial(frames, key)["stage"]))
    rows = table(frames, key)
    if rows.empty:
        return "Neither this trial nor its siblings have a history."
    names = list(dict.fromkeys(rows["metric"]))
    shown = next(
        name
        for name in (metric, f"validation/{measure_of(metric)}", *names[1::-1])
        if name in names
    )
    if measure_of(shown) != measure_of(metric):
        lower = True
    own = rows[(rows["metric"] == shown) & np.isfinite(rows["value"].to_numpy(dtype=float))]
    label, end = measure_label(frames, shown), _end(frames, key)
    ended = f" It {end[1]} at epoch {end[0]:g}." if end else ""
    if own.empty:
        return f"This trial has no finite {label} at any epoch.{ended}"
    epoch, value = own["epoch"].tolist(), own["value"].tolist()
    text = f"At epoch {epoch[0]} its {label} was {number(value[0])}"
    if len(own) > 1:
        text = f"From epoch {epoch[0]} to {epoch[-1]} its {label} went from {number(value[0])} "
        text += f"to {number(value[-1])}"
        best = value.index((min if lower else max)(value))
        if number(value[best]) not in (number(value[0]), number(value[-1])):
            text += f", after {number(value[best])} at epoch {epoch[best]}"
    last = own.iloc[-1]
    if n := int(last["others n"]):
        bounds = f" ({number(last['others low'])} to {number(last['others high'])})"
        who, spread = ("the other seed", "") if n == 1 else (f"the other {n} seeds", bounds)
        text += f"; {who} of its setting stood at {number(last['others mean'])}{spread} then"
    return f"{text}.{ended}"


def _steep(shown: list[Panel]) -> tuple[float, float] | None:
    """The least and the most value of panels on one axis, where that must be logarithmic."""
    values = np.concatenate([panel.values() for panel in shown])
    if not len(values) or values.min() <= 0 or values.max() <= STEEP * values.min():
        return None
    return float(values.min()), float(values.max())


def _traces(frames: Frames, key: str, panel: Panel) -> list[dict[str, Any]]:
    """The quiet lines, the band, the mean of the other seeds, and the trial, from back to front."""
    traces = []
    if panel.quiet:
        traces.append(_quiet(panel))
    if panel.others.n.any():
        traces += _others(panel.others)
    if panel.own is not None:
        epoch, value = panel.own
        kept = thinned(value, POINTS)
        traces.append(
            typed(
                "scatter",
                x=epoch[kept].tolist(),
                y=_listed(value[kept]),
                mode="lines" if len(kept) > 1 else "markers",
                name=f"this trial (seed {trial(frames, key)['seed']})",
                line={"color": LIGHT.emphasis, "width": 2.8},
                marker={"color": LIGHT.emphasis, "size": 8},
                text=[number(v) for v in value[kept].tolist()],
                hovertemplate="epoch %{x}: <b>%{text}</b><extra>this trial</extra>",
            )
        )
    return traces


def _quiet(panel: Panel) -> dict[str, Any]:
    """All other settings in one trace, with a gap after each: a page draws one faster than 30."""
    x: list[int | None] = []
    y: list[float | None] = []
    for epoch, value in panel.quiet:
        kept = thinned(value, POINTS)
        x += [*epoch[kept].tolist(), None]
        y += [*_listed(value[kept]), None]
    return typed(
        "scatter",
        x=x,
        y=y,
        mode="lines",
        name="other settings, mean over seeds",
        line={"color": LIGHT.axis, "width": 0.8},
        opacity=0.5,
        hoverinfo="skip",
    )


def _others(others: Together) -> list[dict[str, Any]]:
    """The band and the mean of the other seeds."""
    traces = []
    known = others.n > 0
    colour = LIGHT.categorical[1]
    epoch, mean = others.epoch[known], others.mean[known]
    if (others.n > 1).any() and len(epoch) > 1:
        low, high = others.low[known], others.high[known]
        kept = np.union1d(thinned(low, POINTS // 2), thinned(high, POINTS // 2))
        across = epoch[kept].tolist()
        bounds = low[kept].tolist(), high[kept].tolist()
        traces.append({**band(across, *bounds, colour), "name": "range of those seeds"})
    kept = thinned(mean, POINTS)
    n = int(others.n.max())
    traces.append(
        typed(
            "scatter",
            x=epoch[kept].tolist(),
            y=_listed(mean[kept]),
            mode="lines" if len(kept) > 1 else "markers",
            name="its setting’s other seed" if n == 1 else f"mean of its setting’s other {n} seeds",
            line={"color": colour, "width": 1.8, "dash": "dash"},
            marker={"color": colour, "size": 7, "symbol": "diamond-open"},
            text=[
                f"{number(m)}</b> ({number(lo)} to {number(hi)})"
                if some > 1
                else f"{number(m)}</b>"
                for m, lo, hi, some in zip(
                    *(part[known][kept].tolist() for part in (others.mean, others.low)),
                    *(part[known][kept].tolist() for part in (others.high, others.n)),
                    strict=True,
                )
            ],
            hovertemplate="epoch %{x}: <b>%{text}<extra>other seeds</extra>",
        )
    )
    return traces


def _end(frames: Frames, key: str) -> tuple[float, str] | None:
    """The epoch at which the trial diverged or was stopped, and which of the two."""
    row = trial(frames, key)
    return next(((float(row[name]), said) for name, said in ENDS.items() if name in row), None)


def _mark_end(
    drawn: Drawing, frames: Frames, key: str, panel: Panel, x: str, y: str, said: bool
) -> None:
    """A line where the trial ended before its time, named in one panel."""
    end = _end(frames, key)
    if end is None:
        return
    epoch, what = end
    line = {"color": LIGHT.text, "width": 1.4, "dash": "dot"}
    across = {"x0": epoch, "x1": epoch, "y0": 0, "y1": 1}
    drawn.shapes.append(typed("line", xref=x, yref=f"{y} domain", **across, line=line))
    if said:
        held = [panel.others.epoch, *(epochs for epochs, _ in panel.quiet)]
        last = max((int(epochs.max()) for epochs in held if len(epochs)), default=epoch)
        left = epoch > last / 2
        drawn.annotations.append(
            {
                "text": f"{what}<br>at epoch {epoch:g}",
                "x": epoch,
                "y": 1,
                "xref": x,
                "yref": f"{y} domain",
                "xanchor": "right" if left else "left",
                "align": "right" if left else "left",
                "yanchor": "top",
                "xshift": -5 if left else 5,
                "showarrow": False,
                "font": {"size": 12.5, "color": LIGHT.text},
                "bgcolor": LIGHT.background,
            }
        )


def _listed(values: NDArray[np.float64]) -> list[float | None]:
    """What is not finite becomes a gap in the line."""
    return [value if abs(value) < np.inf else None for value in values.tolist()]
