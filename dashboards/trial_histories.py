"""The histories of some trials out of a table of millions of rows, without reading all of it.

The table is ordered by trial, metric and epoch, as ``frames.history_frame`` writes it, so that a
history is a slice; a table in any other order is sorted as far as it must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .memory import remembered

if TYPE_CHECKING:
    from .frames import Frames

READING = "Reading the histories…"
"""What stands in the place of charts that need them (``Frames.histories``)."""
Floats = NDArray[np.float64]
Curve = tuple[NDArray[np.int64], Floats]
"""Epochs (n,), ascending, and the values at them."""


@dataclass(frozen=True, eq=False)
class Together:
    """Several curves as one: at each epoch the mean, the least, the most, and of how many.

    All are (n,); what is not finite does not count, and where nothing counts there is NaN.
    """

    epoch: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats
    n: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Index:
    """The columns of a history as arrays, and where each trial's rows are."""

    order: NDArray[np.int64] | None
    """The rows by trial; None where they stand so."""
    starts: NDArray[np.int64]
    """(trials + 1,) where in that order each trial begins, and the last one ends."""
    places: dict[str, int]
    names: tuple[str, ...]
    metric: NDArray[Any]
    epoch: NDArray[np.int64]
    value: Floats

    def rows(self, key: str) -> Any:
        """What chooses a trial's rows of the columns."""
        own = slice(self.starts[self.places[key]], self.starts[self.places[key] + 1])
        return own if self.order is None else self.order[own]


def of_trial(frames: Frames, key: str) -> dict[str, Curve]:
    """Every metric that a trial logged with its curve; empty where it logged none."""
    index = _index(frames)
    if key not in index.places:
        return {}
    rows = index.rows(key)
    metric, epochs, values = index.metric[rows], index.epoch[rows], index.value[rows]
    steps = np.diff(metric)
    if (steps < 0).any() or ((np.diff(epochs) < 0) & (steps == 0)).any():
        again = np.lexsort((epochs, metric))
        metric, epochs, values = metric[again], epochs[again], values[again]
    ends = np.append(np.flatnonzero(np.diff(metric)) + 1, len(metric))
    found: dict[str, Curve] = {}
    start = 0
    for end in ends.tolist():
        if end > start:
            found[index.names[metric[start]]] = epochs[start:end], values[start:end]
        start = end
    return found


def side_by_side(curves: Sequence[Curve]) -> tuple[NDArray[np.int64], Floats]:
    """The epochs (n,) that some of the curves has, and the values (curves, n), NaN for none."""
    if not curves:
        return np.empty(0, dtype=np.int64), np.empty((0, 0))
    epoch = curves[0][0]
    if all(np.array_equal(epoch, other) for other, _ in curves[1:]):
        return epoch, np.array([own for _, own in curves], dtype=float)
    epoch = np.unique(np.concatenate([own for own, _ in curves]))
    values = np.full((len(curves), len(epoch)), np.nan)
    for row, (own, held) in zip(values, curves, strict=True):
        row[np.searchsorted(epoch, own)] = held
    return epoch, values


def together(curves: Sequence[Curve]) -> Together:
    """The curves over all epochs that some of them has."""
    if not curves:
        return Together(*(np.empty(0, dtype=kind) for kind in (int, float, float, float, int)))
    epoch, values = side_by_side(curves)
    known = np.isfinite(values)
    n = known.sum(0)
    some = n > 0
    none = np.full(len(epoch), np.nan)
    mean = np.divide(np.where(known, values, 0.0).sum(0), n, out=none.copy(), where=some)
    low = np.where(some, np.where(known, values, np.inf).min(0), none)
    high = np.where(some, np.where(known, values, -np.inf).max(0), none)
    return Together(epoch, mean, low, high, n)


def thinned(values: Floats, most: int) -> NDArray[np.int64]:
    """The places of at most ``most`` (≥ 4) of the ``values`` (n,), ascending.

    All where they are few; else the first, the last, and of each of ``most // 2 − 1`` stretches of
    equal length (to within one) its least and its most value, the first of equals. So the least and
    the most of all are kept, and a line through them looks like the line through all.
    """
    n = len(values)
    if n <= most:
        return np.arange(n)
    stretches = most // 2 - 1
    stretch = np.arange(n) * stretches // n
    begins = np.searchsorted(stretch, np.arange(stretches))
    kept = [np.array([0, n - 1])]
    for sign in (1.0, -1.0):
        # What is not a number is the least wanted, and stays only where a stretch has nothing else.
        wanted = np.where(np.isnan(values), np.inf, sign * values)
        kept.append(np.lexsort((wanted, stretch))[begins])
    return np.unique(np.concatenate(kept))


def kept_with_history(frames: Frames) -> dict[Any, Any]:
    """What the frames remember of their history alone, for frames that share it."""
    _index(frames)
    return {key: value for key, value in frames.memory.items() if isinstance(value, Index)}


@remembered
def _index(frames: Frames) -> Index:
    history = frames.history
    key, metric = history["key"].cat, history["metric"].cat
    codes = key.codes.to_numpy()
    order = None
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
    # Of the codes' own type, lest millions of them are converted.
    numbers = np.arange(len(key.categories), dtype=codes.dtype)
    return Index(
        order,
        np.append(np.searchsorted(codes, numbers), len(codes)),
        {str(name): number for number, name in enumerate(key.categories)},
        tuple(map(str, metric.categories)),
        metric.codes.to_numpy(),
        history["epoch"].to_numpy(),
        history["value"].to_numpy(),
    )
