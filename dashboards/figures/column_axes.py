"""Where a setting's values stand on an axis that may have any column, and back again.

A hyperparameter's axis is logarithmic where the study says so, with a place for zero left of a
break (``scales``); a metric's where its values are positive and span a factor of 50.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..errors import RecordError
from ..memory import remembered
from ..palette import LIGHT
from ..settings import column_label, is_metric, setting_values
from ..wording import axis_entry, capital, measure_unit, value_text
from .scales import Scale, scale, ticks
from .style import axis, log_axis, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

STEEP = 50.0
FEW = 8
"""Up to so many values of a hyperparameter have a tick each."""
EXACT = 1e-12
"""Positions nearer to one another, as a share of their size, are the same but for rounding."""


@remembered
def along(frames: Frames, stage: str, column: str) -> Scale:
    """The scale of a column over a stage's settings; without ``values`` it is plainly linear.

    Raises ``RecordError`` for a column that the trials do not have, or that holds text.
    """
    values = numbers(frames, stage, column)
    if values is None:
        raise RecordError("column", "must hold numbers", column)
    finite = np.unique(values[np.isfinite(values)])
    if not len(finite):
        return Scale((), (), (), False)
    if not is_metric(column):
        return scale(finite.tolist(), bool(axis_entry(frames, column).get("log")))
    if finite[0] > 0 and finite[-1] > STEEP * finite[0]:
        return scale(finite.tolist(), True)
    return Scale((), (), (), False)


def numbers(frames: Frames, stage: str, column: str) -> NDArray[np.float64] | None:
    """(settings,) the values of a column as ``setting_values`` has them; None if they are text."""
    values = setting_values(frames, stage, (column,))[column]
    if not pd.api.types.is_numeric_dtype(values):
        return None
    return values.to_numpy(dtype=float)


def positions(scaled: Scale, values: ArrayLike) -> NDArray[np.float64]:
    """(n,) where ``values`` (n,) stand: themselves, or log₁₀ and the place of zero; NaN stays."""
    array = np.asarray(values, dtype=float)
    if not scaled.log:
        return np.where(np.isfinite(array), array, np.nan)
    out = np.full(array.shape, np.nan)
    np.log10(array, out=out, where=(array > 0) & np.isfinite(array))
    if scaled.gap is not None:
        out[array == 0] = scaled.positions[0]
    return out


def value_at(scaled: Scale, position: float) -> float:
    """The value that would stand at a position: the inverse of :func:`positions`, rising.

    A position of one of the scale's values gives that very value, although 10 to the power of a
    logarithm may not. Left of the place of zero lie negative values, the distance from it.
    """
    if not scaled.log:
        return position
    places = np.asarray(scaled.positions)
    nearest = int(np.abs(places - position).argmin())
    if abs(places[nearest] - position) <= EXACT * max(min(abs(position), 1e9), 1.0):
        return float(scaled.values[nearest])
    if scaled.gap is not None and position < places[0]:
        return float(position - places[0])
    with np.errstate(over="ignore", under="ignore"):
        return float(np.power(10.0, position))


def tick_settings(
    frames: Frames, column: str, scaled: Scale, reach: tuple[float, float], most: int
) -> dict[str, Any]:
    """Ticks of an axis from ``reach`` (positions): at few values each, else at round numbers.

    ``most``: about how many of them have room.
    """
    if not is_metric(column) and 0 < len(scaled.positions) <= FEW:
        return ticks(scaled)
    if not scaled.log:
        return {"nticks": most}
    zero = scaled.gap is not None
    ends = 10.0 ** max(reach[0], scaled.positions[int(zero)]), 10.0 ** reach[1]
    marks = [value for value in log_axis(*ends)["tickvals"] if ends[0] <= value <= ends[1]]
    marks = marks if len(marks) > 1 else [value for value in scaled.values if value > 0]
    pairs = [(float(np.log10(value)), value_text(value)) for value in marks]
    pairs = [(scaled.positions[0], value_text(0))] * zero + pairs
    apart = (reach[1] - reach[0]) / (most + 1)
    kept: list[tuple[float, str]] = []
    for position, label in pairs:
        if not kept or position - kept[-1][0] >= apart:
            kept.append((position, label))
    return {
        "tickmode": "array",
        "tickvals": [position for position, _ in kept],
        "ticktext": [label for _, label in kept],
    }


def reach_of(at: NDArray[np.float64], margin: float) -> tuple[float, float]:
    """From the least to the most position, and a share of that on each side."""
    if not len(at):
        return -0.5, 0.5
    low, high = float(at.min()), float(at.max())
    if high > low:
        return low - margin * (high - low), high + margin * (high - low)
    half = 0.1 * abs(low) or 0.5
    return low - half, low + half


def drawn_axis(
    frames: Frames, stage: str, column: str, reach: tuple[float, float], most: int
) -> dict[str, Any]:
    """The axis of a column over ``reach`` (positions), with room for about ``most`` ticks."""
    unit = measure_unit(frames, column) if is_metric(column) else _unit(frames, column)
    title = capital(column_label(frames, column)) + (f", {unit}" if unit else "")
    known = column in frames.runs.columns
    told = tick_settings(frames, column, along(frames, stage, column), reach, most) if known else {}
    return axis(wrapped(title, 48), range=list(reach), **told)


def breaks(frames: Frames, stage: str, x: str, y: str) -> list[dict[str, Any]]:
    """A mark across each axis between a zero and the logarithmic part."""
    shapes = []
    for column, own, other in ((x, "x", "y"), (y, "y", "x")):
        gap = along(frames, stage, column).gap if column in frames.runs.columns else None
        if gap is not None:
            ends = {f"{own}0": gap, f"{own}1": gap, f"{other}0": -0.015, f"{other}1": 0.015}
            refs = {f"{own}ref": own, f"{other}ref": f"{other} domain"}
            line = {"color": LIGHT.axis, "width": 5}
            shapes.append(typed("line", **refs, **ends, line=line))
    return shapes


def _unit(frames: Frames, path: str) -> str:
    return str(axis_entry(frames, path).get("unit") or "")
