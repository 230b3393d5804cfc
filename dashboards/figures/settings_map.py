"""The map that people brush: every setting of a stage as a mark, at two columns of their choice.

A column is a swept hyperparameter, or a metric as the mean over the setting's finished seeds. The
strongest colour has the best objective. Settings at one place, as on the grid of a crossing, lie
around one another with the best in the middle: no mark is moved from where its values are, so that
a brushed range is a range of values (``column_range``).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..effects import ranked
from ..errors import RecordError
from ..memory import remembered
from ..outline import objective, swept
from ..palette import LIGHT
from ..settings import column_label, metrics, seed_counts, setting_values
from ..statistics import rows as records
from ..wording import capital, count, number, setting_text
from .column_axes import along, breaks, drawn_axis, numbers, positions, reach_of, value_at
from .map_marks import FADED, colours, ring, sizes, texts
from .pareto import SPARSITY
from .style import Drawing, checked, drawing, legend, typed

if TYPE_CHECKING:
    from ..frames import Frames

Floats = NDArray[np.float64]
FEW = 5
"""Settings from which an order is told: four stand in perfect order once in twelve by chance."""


@remembered
def choices(frames: Frames, stage: str) -> list[tuple[str, str]]:
    """The columns that a map can have, with their labels (text, not markup).

    The objective, the hyperparameters that vary and are numbers, then validation and test metrics;
    each has a finite value for at least two settings.
    """
    goal = objective(frames, stage)[0]
    held = [name for name in metrics(frames) if name.startswith(("validation/", "test/"))]
    held.sort(key=lambda name: not name.startswith("validation/"))
    names = list(dict.fromkeys([goal, *swept(frames, stage), *held]))
    known = [name for name in names if name in frames.runs.columns]
    held_values = {name: numbers(frames, stage, name) for name in known}
    return [
        (name, column_label(frames, name))
        for name, values in held_values.items()
        if values is not None and np.isfinite(values).sum() > 1
    ]


def default_axes(frames: Frames, stage: str) -> tuple[str, str]:
    """A sparsity (else the first hyperparameter, else another metric) against the objective."""
    goal = objective(frames, stage)[0]
    names = [name for name, _ in choices(frames, stage) if name != goal]
    wanted = [*(name for name, _ in SPARSITY), *names]
    return next((name for name in wanted if name in names), goal), goal


def column_range(
    frames: Frames, stage: str, column: str, low: float, high: float
) -> tuple[float, float]:
    """The values of a column within a brushed range of plotted coordinates, in either order.

    The inverse of the axis, strictly rising: exactly those settings have a value between the two
    results whose marks stand between ``low`` and ``high``. On a logarithmic axis with a zero, what
    lies left of the zero's place comes back below zero, where no setting is. Raises ``RecordError``
    for a column that is not one of numbers, or bounds that are not numbers.
    """
    ends = sorted((float(low), float(high)))
    if np.isnan(ends).any():
        raise RecordError("range", "must have two numbers", (low, high))
    scaled = along(frames, stage, column)
    return value_at(scaled, ends[0]), value_at(scaled, ends[1])


def table(
    frames: Frames, stage: str, x: str, y: str, selected: Collection[str] | None = None
) -> pd.DataFrame:
    """A row per setting: ``setting, rank``, the swept values, ``x``, ``y``, the objective, ``n``.

    ``rank`` is that of ``effects.ranked``, NaN for a setting that has none (yet); ``n`` counts the
    seeds behind the objective's mean. ``selected``: whether a setting is, where some are. Ranked
    ones first. Raises ``RecordError`` for a column that the trials do not have.
    """
    made = _table(frames, stage, x, y)
    if selected is None:
        return made
    return made.assign(selected=made["setting"].isin(list(selected)))


def draw(
    frames: Frames,
    stage: str,
    x: str,
    y: str,
    selected: Collection[str] | None = None,
    narrow: bool = False,
) -> Drawing:
    """The map; ``selected``: settings that stay as they are while all others fade.

    A brush gives ``customdata``, the settings' ids, and ranges in plotted coordinates.
    """
    drawn = drawing(500 if narrow else 440, margin={"l": 64, "r": 16, "t": 44, "b": 56})
    shown, (goal, lower) = _table(frames, stage, x, y), objective(frames, stage)
    across, up, colour = (_placed(frames, stage, name, shown) for name in (x, y, goal))
    inside = np.isfinite(across) & np.isfinite(up)
    reaches = reach_of(across[inside], 0.06), reach_of(up[inside], 0.08)
    drawn.layout |= {"dragmode": "select", "showlegend": True, "legend": legend()}
    drawn.layout["xaxis"] = drawn_axis(frames, stage, x, reaches[0], 5 if narrow else 8)
    drawn.layout["yaxis"] = drawn_axis(frames, stage, y, reaches[1], 6)
    drawn.shapes += breaks(frames, stage, x, y)
    # From behind: of settings at one place the best is drawn last, on top and in the middle.
    order = np.flatnonzero(inside)[::-1]
    known = np.isfinite(colour)
    words = _words(frames, stage, x, y)
    ids = shown["setting"].tolist()
    size = sizes(across, up)
    unknown: dict[str, Any] = {"symbol": "circle-open", "color": LIGHT.reference}
    for ranked_ones in (False, True):
        part = order[known[order] == ranked_ones]
        if not len(part):
            continue
        scaled = {"color": colour[part].tolist(), "coloraxis": "coloraxis"}
        line = {"color": LIGHT.axis, "width": 1}
        trace = typed(
            "scatter",
            x=across[part].tolist(),
            y=up[part].tolist(),
            mode="markers",
            marker={"size": size[part].tolist(), "line": line, "opacity": 1}
            | (scaled if ranked_ones else unknown),
            name="no seed has finished",
            showlegend=not ranked_ones,
            customdata=[ids[place] for place in part],
            text=[words[place] for place in part],
            hovertemplate="%{text}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": FADED}},
            cliponaxis=False,
        )
        if selected is not None:
            chosen = set(selected)
            own = enumerate(trace["customdata"])
            trace["selectedpoints"] = [place for place, name in own if name in chosen]
        drawn.traces.append(trace)
    if (known & inside).any():
        span = float(colour[known & inside].min()), float(colour[known & inside].max())
        drawn.layout["coloraxis"] = colours(frames, stage, goal, span, lower, narrow)
        drawn.layout["margin"]["b"] = 140 if narrow else 56
    for place in np.flatnonzero(inside & (shown["rank"] == 1).to_numpy()).tolist():
        drawn.traces.append(ring(float(across[place]), float(up[place]), ids[place]))
    return drawn


figure = checked(draw)


def sentence(
    frames: Frames, stage: str, x: str, y: str, selected: Collection[str] | None = None
) -> str:
    """How the two columns go together over settings, how many are selected, the best of those."""
    shown = table(frames, stage, x, y, selected)
    goal = objective(frames, stage)[0]
    both = shown[[x] if x == y else [x, y]].to_numpy(dtype=float)
    whole = shown[np.isfinite(both).all(1)]
    if whole.empty:
        return "No setting of this stage has finished with both of these values."
    names = [column_label(frames, name) for name in (x, y)]
    text = _together(whole, x, y, names) if x != y else _alone(whole, x, names[0])
    if left := len(shown) - len(whole):
        text += f" {capital(count(left, 'setting'))} without both values "
        text += f"{'is' if left == 1 else 'are'} not drawn."
    if selected is None:
        return text
    chosen = shown[shown["selected"]]
    text += f" {len(chosen)} of {count(len(shown), 'setting')} "
    text += f"{'is' if len(chosen) == 1 else 'are'} selected"
    best = records(chosen[chosen["rank"].notna()])[:1]
    if not best:
        return f"{text}."
    paths = [path for path in swept(frames, stage) if not pd.isna(best[0][path])]
    values = setting_text(frames, best[0], paths)
    value = f"{column_label(frames, goal)} of {number(float(best[0][goal]))}"
    which = "of rank" if len(chosen) == 1 else "the best of them of rank"
    return f"{text}, {which} {int(best[0]['rank'])}: {values}, with a {value}."


@remembered
def _table(frames: Frames, stage: str, x: str, y: str) -> pd.DataFrame:
    goal = objective(frames, stage)[0]
    asked = list(dict.fromkeys([*swept(frames, stage), x, y, goal]))
    # While nothing has finished, no trial may have the objective yet.
    held = [name for name in asked if name != goal or name in frames.runs.columns]
    for column in {x, y}.intersection(held):
        along(frames, stage, column)  # raises for a column that is not one of numbers
    values = setting_values(frames, stage, held).reindex(columns=asked)
    order = ranked(frames, stage)
    rank = order["rank"].astype(float) if len(order) else pd.Series(dtype=float)
    n = seed_counts(frames, stage, goal)
    values.insert(0, "rank", rank.reindex(values.index))
    values["n"] = n.reindex(values.index)
    return values.sort_values("rank", kind="stable").reset_index()


@remembered
def _words(frames: Frames, stage: str, x: str, y: str) -> list[str]:
    return texts(frames, stage, _table(frames, stage, x, y), x, y)


def _placed(frames: Frames, stage: str, column: str, shown: pd.DataFrame) -> Floats:
    """Where each row of the table stands on the axis of a column."""
    if column not in frames.runs.columns:
        return np.full(len(shown), np.nan)
    return positions(along(frames, stage, column), shown[column])


def _together(whole: pd.DataFrame, x: str, y: str, names: list[str]) -> str:
    """Spearman's rank correlation of two columns over settings, in words."""
    n = len(whole)
    if n < FEW:
        return (
            f"{capital(count(n, 'setting'))}: too few to tell how {names[0]} goes with {names[1]}."
        )
    for column, name in zip((x, y), names, strict=True):
        if whole[column].nunique() < 2:
            value = number(float(whole[column].iloc[0]))
            return f"All {n} settings have the same {name}, {value}."
    ranks = whole[[x, y]].rank()
    found = float(np.corrcoef(ranks[x], ranks[y])[0, 1])
    over = f"over {count(n, 'setting')} (rank correlation {number(found, 2)})"
    # Twice the standard deviation that it has where nothing goes with anything.
    if abs(found) < 2 / np.sqrt(n - 1):
        return f"{capital(names[1])} shows no clear order along {names[0]} {over}."
    way = "rises" if found > 0 else "falls"
    return f"{capital(names[1])} {way} with {names[0]} {over}."


def _alone(whole: pd.DataFrame, x: str, name: str) -> str:
    low, high = float(whole[x].min()), float(whole[x].max())
    over = count(len(whole), "setting")
    return f"{capital(name)} goes from {number(low)} to {number(high)} over {over}."
