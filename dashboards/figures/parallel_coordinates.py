"""Every setting as a line through its hyperparameters to the objective (Inselberg 1985).

An axis per swept hyperparameter, logarithmic where the sweep is, values by name as ticks, and the
objective last. The best tenth of the settings is drawn on top, thick and with dots; the others by
thirds of their order. Lines through one value of a grid fan out around it, by the objective.
Lines of a scatter chart, as ``parcoords`` takes three of the few WebGL contexts of a page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..effects import ranked
from ..memory import remembered
from ..outline import objective, swept
from ..palette import LIGHT
from ..statistics import rows as records
from ..wording import (
    axis_entry,
    axis_label,
    count,
    listing,
    measure_label,
    number,
    setting_text,
    value_text,
)
from .scales import scale, ticks
from .style import Drawing, checked, drawing, legend, plain, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

FAN, UNSET, STEEP = 0.03, -0.1, 8.0
"""Half the width of a fan and the place of a missing value, in lengths of an axis; the ratio of the
largest to the smallest objective above which its axis is logarithmic."""
BEST, OTHERS = "the best tenth", ("next third", "middle third", "last third")


@dataclass(frozen=True)
class Axis:
    """A title, where each setting stands (0 to 1), and ticks as (place, escaped label)."""

    title: str
    places: list[float]
    ticks: list[tuple[float, str]]


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``setting, rank``, a column per swept hyperparameter, ``mean, best_tenth``; best first.

    Numbers are those of ``effects.ranked``. Empty with fewer than two settings, or none swept.
    """
    order, paths = ranked(frames, stage), swept(frames, stage)
    if len(order) < 2 or not paths:
        return pd.DataFrame(columns=["setting", "rank", *paths, "mean", "best_tenth"])
    found = order[["rank", *paths, "mean"]].reset_index()
    found["best_tenth"] = found["rank"] <= tenth(len(found))
    return found


def tenth(settings: int) -> int:
    """How many settings are the best tenth: at least one."""
    return max(1, round(settings / 10))


def axes(frames: Frames, stage: str) -> list[Axis]:
    """The axes in order, the objective last, for the settings of ``table``; [] without any."""
    rows = table(frames, stage)
    if rows.empty:
        return []
    metric, lower = objective(frames, stage)
    found = []
    for path in swept(frames, stage):
        log = bool(axis_entry(frames, path).get("log"))
        found.append(_axis(axis_label(frames, path), rows[path].tolist(), log, -1 if lower else 1))
    means = rows["mean"].tolist()
    title = f"{measure_label(frames, metric)}, {'lower' if lower else 'higher'} is better"
    steep = min(means) > 0 and max(means) > STEEP * min(means)
    return [*found, _axis(title, means, steep, 0)]


def _axis(title: str, values: Sequence[Any], log: bool, fan: int) -> Axis:
    """``values`` best first, None and NaN off the axis; ``fan`` 1: the first of equals is highest.

    At -1 it is the lowest, at 0 equals stay where they are.
    """
    known = [value for value in values if not _missing(value)]
    along = scale(known, log)
    low, high = along.positions[0], along.positions[-1]

    def unit(position: float) -> float:
        return (position - low) / (high - low) if high > low else 0.5

    marks = ticks(along)
    pairs = list(zip(marks.get("tickvals", ()), marks.get("ticktext", ()), strict=True))
    if len(pairs) < 2 and len(along.values) > 1:
        round_ones = [] if along.log else _round_numbers(low, high)
        pairs = [(value, value_text(value)) for value in round_ones]
        pairs = pairs or [(low, plain(along.labels[0])), (high, plain(along.labels[-1]))]
    shown = [(unit(at), str(label)) for at, label in pairs]
    place = {value: unit(at) for value, at in zip(along.values, along.positions, strict=True)}
    found = np.array([UNSET if _missing(value) else place[value] for value in values])
    if len(known) < len(values):
        shown.append((UNSET, "not set"))
    for at in np.unique(found) if fan else ():
        same = np.flatnonzero(found == at)
        if len(same) > 1:
            found[same] += fan * np.linspace(FAN, -FAN, len(same))
    return Axis(title, found.tolist(), shown)


def _missing(value: Any) -> bool:
    return value is None or value != value


def _round_numbers(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from ``low`` to ``high``, at most six."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough)
    return [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def draw(frames: Frames, stage: str, across: bool = True) -> Drawing:
    """Upright axes side by side, or (not ``across``, for narrow pages) flat ones, one a row."""
    lines, rows = axes(frames, stage), table(frames, stage)
    margin = {"l": 20, "r": 20, "t": 76 if across else 36, "b": 60 if across else 110}
    drawn = drawing(430 if across else 150 + 92 * len(lines), margin=margin)
    unset = any(at == UNSET for one in lines for at, _ in one.ticks)
    hidden = {"visible": False, "fixedrange": True}
    last = max(len(lines) - 1, 1)
    span = {**hidden, "range": [UNSET - 0.05 if unset else -0.06, 1.06]}
    order = {**hidden, "range": [-0.3, last + 0.3] if across else [last + 0.5, -0.3]}
    drawn.layout["xaxis"], drawn.layout["yaxis"] = (order, span) if across else (span, order)
    for index, one in enumerate(lines):
        far, near = ({"x0": 0, "x1": 1}, "y") if not across else ({"y0": 0, "y1": 1}, "x")
        ends = {**far, f"{near}0": index, f"{near}1": index}
        line = {"color": LIGHT.axis, "width": 1.5}
        drawn.shapes.append(typed("line", layer="below", line=line, **ends))
        drawn.annotations += _texts(one, index, across)
    texts = [_hover(frames, stage, row) for row in records(rows)]
    for name, members, style in _bands(rows):
        x, y = _through(lines, members)[:: 1 if across else -1]
        more = {"name": name, "showlegend": True, "hoverinfo": "skip", "line": style}
        mode = "lines+markers" if name == BEST else "lines"
        marker = {"size": 7, "color": style["color"]}
        drawn.traces.append(typed("scatter", x=x, y=y, mode=mode, marker=marker, **more))
        ahead, place = [len(lines) - 1] * len(members), [lines[-1].places[m] for m in members]
        x, y = (ahead, place) if across else (place, ahead)
        hover = {"text": [texts[m] for m in members], "hovertemplate": "%{text}<extra></extra>"}
        dots = {"mode": "markers", "marker": marker, "showlegend": False}
        drawn.traces.append(typed("scatter", x=x, y=y, **dots, **hover))
    drawn.layout.update(showlegend=bool(lines), legend=legend(y=0, yanchor="top"))
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """What the best tenth of the settings have in common."""
    rows = table(frames, stage)
    if rows.empty:
        return "Fewer than two settings have finished, so nothing can be had in common."
    best, paths = rows[rows["best_tenth"]], swept(frames, stage)
    if len(best) == 1:
        values = {p: v for p, v in records(best)[0].items() if p in paths and not _missing(v)}
        text = f"Of {count(len(rows), 'setting')} the best tenth is one: "
        return f"{text}{setting_text(frames, values, list(values))}.{_lost(frames, stage, rows)}"
    found = [_common(axis_label(frames, p), best[p].tolist(), rows[p].tolist()) for p in paths]
    common = [text for text in found if text]
    text = f"The best tenth, {len(best)} of {count(len(rows), 'setting')}, "
    text += f"have in common {listing(common)}" if common else "have no value in common"
    free = [axis_label(frames, p) for p, said in zip(paths, found, strict=True) if not said]
    text += f"; they reach over all that was tried of {listing(free)}" if free else ""
    return f"{text}.{_lost(frames, stage, rows)}"


def _common(label: str, best: list[Any], tried: list[Any]) -> str:
    """Such as "noise level 0" or "noise level 0 to 0.1 (of 0 to 0.4)"; "" where all was reached.

    A single value comes with how often as many settings drawn at random would share one.
    """
    inside, every = ({value for value in some if not _missing(value)} for some in (best, tried))
    whole = not any(map(_missing, best))
    if whole and len(inside) == 1:
        alike = sum(math.comb(tried.count(value), len(best)) for value in every)
        share = alike / math.comb(len(tried), len(best))
        return f"{label} {value_text(best[0])} (as {number(100 * share, 2)}\u00a0% of draws would)"
    if any(isinstance(value, str) for value in every) or not whole:
        names = [value_text(value) for value in sorted(inside, key=str)]
        names += [] if whole else ["not set"]
        return f"{label} {' or '.join(names)}" if inside != every else ""
    if not any(value < min(inside) or value > max(inside) for value in every):
        return ""
    ends = [value_text(value) for value in (min(inside), max(inside), min(every), max(every))]
    return f"{label} {ends[0]} to {ends[1]} (of {ends[2]} to {ends[3]})"


def _lost(frames: Frames, stage: str, rows: pd.DataFrame) -> str:
    lost = frames.trials(stage)["setting"].nunique() - len(rows)
    return f" {count(lost, 'setting')} without a finished trial left out." if lost else ""


def _bands(rows: pd.DataFrame) -> list[tuple[str, list[int], dict[str, Any]]]:
    """Name, rows and line of each band, the worst first, so that the best lie on top."""
    first = int(rows["best_tenth"].sum())
    cuts = [first + (len(rows) - first) * third // 3 for third in range(4)]
    found = [(BEST, list(range(first)), {"color": LIGHT.categorical[1], "width": 3})]
    for n, name in enumerate(OTHERS):
        line = {"color": LIGHT.sequential[4 - n], "width": 1.3}
        found.append((name, list(range(cuts[n], cuts[n + 1])), line))
    return [band for band in found[::-1] if band[1]]


def _through(lines: list[Axis], members: list[int]) -> tuple[list[Any], list[Any]]:
    """Numbers of the axes and places on them, line after line, with a gap after each."""
    numbers = [*range(len(lines)), None] * len(members)
    return numbers, [at for m in members for at in (*(one.places[m] for one in lines), None)]


def _texts(one: Axis, index: int, across: bool) -> list[dict[str, Any]]:
    """The title of an axis and its ticks, on paper so that lines do not cross them out."""
    quiet, loud = ({"size": 12.5, "color": tone} for tone in (LIGHT.quiet_text, LIGHT.text))
    paper = {"showarrow": False, "bgcolor": LIGHT.background}
    title = {"text": wrapped(one.title, 22 if across else 50), "font": loud, **paper}
    if across:
        title |= {"x": index, "y": 1, "yshift": 12, "yanchor": "bottom"}
    else:
        title |= {"x": 0, "y": index, "yshift": 14, "xanchor": "left", "yanchor": "bottom"}
    beside = {"xanchor": "right", "xshift": -8} if across else {"yanchor": "top", "yshift": -8}
    ticks_ = [{"text": label, "font": quiet, **paper, **beside} for _, label in one.ticks]
    for tick, (at, _) in zip(ticks_, one.ticks, strict=True):
        tick |= {"x": index, "y": at} if across else {"x": at, "y": index}
    return [title, *ticks_]


def _hover(frames: Frames, stage: str, row: dict[str, Any]) -> str:
    known = [path for path in swept(frames, stage) if not _missing(row[path])]
    values = plain(setting_text(frames, row, known)).replace(", ", "<br>")
    return f"{int(row['rank'])}. <b>{number(row['mean'])}</b><br>{values}"
