"""What a swept hyperparameter does, in a sentence for each chart of ``figures.regularisers``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .effects import Effect, effect
from .outline import objective, swept
from .statistics import interval
from .wording import (
    axis_label,
    count,
    estimate,
    listing,
    measure_label,
    number,
    shared_places,
    spread,
    value_text,
)

if TYPE_CHECKING:
    from .frames import Frames


def regulariser(frames: Frames, stage: str, path: str, metrics: Sequence[str]) -> str:
    """What raising a hyperparameter from its lowest to its highest value does to each metric."""
    label = axis_label(frames, path)
    found = {metric: effect(frames, stage, path, metric) for metric in metrics}
    shown = {metric: one for metric, one in found.items() if not one.table.empty}
    crossed = {metric: one for metric, one in shown.items() if one.crossed}
    if not shown:
        return f"No finished trial shows what the {label} does."
    if not crossed:
        return " ".join(_trend(frames, one.table, label, metric) for metric, one in shown.items())
    values = list(next(iter(crossed.values())).by_seed.columns)
    if isinstance(values[0], str):
        return " ".join(_lowest(frames, one, label, metric) for metric, one in crossed.items())
    parts = [_change(frames, one, metric) for metric, one in crossed.items()]
    span = f"Raising the {label} from {value_text(values[0])} to {value_text(values[-1])}"
    also = f" It also {listing(parts[1:])}." if len(parts) > 1 else ""
    return f"{span} {parts[0]}.{also}"


def company(frames: Frames, stage: str, path: str) -> str:
    """What the lines of the chart hold fixed."""
    found = effect(frames, stage, path, objective(frames, stage)[0])
    others = [axis_label(frames, name) for name in swept(frames, stage) if name != path]
    if not found.crossed:
        return (
            "No setting of the others was finished at every value (values may be drawn at "
            "random), so each point is one setting."
        )
    if not others:
        return "Nothing else is swept."
    missing = found.possible - found.company
    were = count(missing, "more was", "more were")
    left_out = f" ({were} left out: a trial is missing or diverged)" if missing else ""
    bands = (
        " A band is the interval of the level; seeds shift all values alike, so that differences "
        "are known better than the bands suggest."
    )
    return (
        f"Average over {count(found.company, 'setting')} of {listing(others)}, the same for every "
        f"value{left_out}; dotted, these are held at the best setting's values."
        f"{bands if len(found.by_seed) > 1 else ''}"
    )


def _change(frames: Frames, found: Effect, metric: str) -> str:
    """The predicate of ``regulariser``'s sentence: raises the … by … (interval)."""
    measure = measure_label(frames, metric, split=False)
    low, high = found.by_seed.columns[0], found.by_seed.columns[-1]
    change = found.difference(high, low)
    if abs(change.mean) <= 1e-9 * float(found.by_seed.abs().to_numpy().max()):
        return f"does not change the {measure}"
    verb = "raises" if change.mean > 0 else "lowers"
    amount, seeds = change.size(), count(change.n, "seed")
    if change.known and not change.excludes_zero:
        text = (
            f"leaves the {measure} where it was as far as {seeds} can tell "
            f"(a change of {number(change.mean)}, 95\u00a0% interval {spread(change)})"
        )
    elif change.known:
        by = number(amount.mean, decimals=shared_places(amount))
        bounds = f"95\u00a0% interval {spread(amount)}, paired over {seeds}"
        text = f"{verb} the {measure} by {by} ({bounds})"
    else:
        text = f"{verb} the {measure} by {number(amount.mean)} (one seed, so without an interval)"
    means = found.by_seed.mean()
    lowest, highest = means.idxmin(), means.idxmax()
    if lowest not in (low, high):
        return f"{text}, with its lowest value at {value_text(lowest)}"
    if highest not in (low, high):
        return f"{text}, with its highest value at {value_text(highest)}"
    return text


def _lowest(frames: Frames, found: Effect, label: str, metric: str) -> str:
    measure = measure_label(frames, metric, split=False)
    name = found.by_seed.mean().idxmin()
    value = estimate(interval(found.by_seed[name].to_numpy()))
    return f"The {measure} is lowest with {label} {name}: {value}."


def _trend(frames: Frames, table: pd.DataFrame, label: str, metric: str) -> str:
    measure = measure_label(frames, metric, split=False)
    pairs = table[["value", "mean"]].dropna()
    words = any(isinstance(value, str) for value in pairs["value"])
    if len(pairs) < 3 or words or pairs["value"].nunique() < 3:
        few = count(len(pairs), "setting")
        return f"{few}: too few to say how the {measure} follows the {label}."
    if pairs["mean"].nunique() < 2:
        return f"The {measure} does not vary with the {label}."
    rho = float(np.corrcoef(pairs["value"].rank(), pairs["mean"].rank())[0, 1])
    way = "rises" if rho > 0 else "falls"
    strength = "clearly" if abs(rho) > 0.7 else "somewhat" if abs(rho) > 0.3 else "hardly"
    return (
        f"Over {count(len(pairs), 'setting')} the {measure} {strength} {way} "
        f"with the {label} (rank correlation {number(rho, 2)})."
    )
