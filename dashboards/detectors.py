"""Detectors of anomalies as the record has them, and how well each tells anomalies from the rest.

An entry of ``inside`` under "anomaly" is a detector: its ``name`` ("reconstruction error", "free
energy", …), ``control`` (whether it is one: PCA's error, an untrained network's), ``threshold``,
the ``quantile`` of the normal samples' scores at which that stands, and by part its ``arrays``:
scores (n,), the higher the more anomalous, and labels (n,), 0 normal, 1 anomalous. Samples without
a finite score and a label of 0 or 1 do not count; without a sample of both kinds, or with another
number of labels than of scores, the entry is as if it were not there.

The area under the ROC curve is the exact rank statistic: the share of pairs of an anomaly and a
normal sample in which the anomaly scores higher, ties counting half, from mid-ranks. Its standard
error, and that of the difference of two detectors on the same samples, are those of DeLong, DeLong
& Clarke-Pearson (1988), Biometrics 44:837; intervals are normal, 95 %, cut at 0 and 1. They are
over samples, of one network each: seeds are not in them. Where all anomalies score above all normal
samples that error is 0, which says nothing, and there is no interval. A sample is flagged when its
score is beyond the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .inside import Array, Entry, array, entries, numbers, shortened
from .memory import remembered
from .statistics import Interval

if TYPE_CHECKING:
    from .frames import Frames

KIND = "anomaly"
SHOWN = 6
NORMAL_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""
NAME = 40
"""Characters of a detector's name."""


@dataclass(frozen=True, eq=False)
class Detector:
    """Scores (n,) with which samples are anomalous (n,), and which of all recorded these are."""

    entry: Entry
    name: str
    control: bool
    scores: Array
    anomalous: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    threshold: float
    quantile: float

    @cached_property
    def placements(self) -> tuple[Array, Array]:
        """Of each anomaly the share of normal samples below it; of these, of anomalies above."""
        of_all, own = _midranks(self.scores), self.anomalous
        above, below = self.scores[own], self.scores[~own]
        return (
            (of_all[own] - _midranks(above)) / len(below),
            1 - (of_all[~own] - _midranks(below)) / len(above),
        )

    @cached_property
    def area(self) -> Interval:
        """The area under its curve, with the interval over samples."""
        mean = float(self.placements[0].mean())
        low, high = bounds(mean, _variance(*self.placements))
        return Interval(mean, max(low, 0.0), min(high, 1.0), len(self.scores))

    def flagged(self, threshold: float) -> tuple[float, float]:
        """The shares of normal and of anomalous samples whose score is beyond a threshold."""
        beyond = self.scores > threshold
        return float(beyond[~self.anomalous].mean()), float(beyond[self.anomalous].mean())


@remembered
def detectors(frames: Frames) -> list[Detector]:
    """The detectors that are sound, each name once, in the record's order; at most ``SHOWN``."""
    found: dict[str, Detector] = {}
    for entry in entries(frames, KIND):
        scores, labels = (array(frames, entry, part, 1) for part in ("scores", "labels"))
        if scores is None or labels is None or scores.shape != labels.shape:
            continue
        kept = np.isfinite(scores) & np.isin(labels, (0, 1))
        anomalous = labels[kept] == 1
        if anomalous.all() or not anomalous.any():
            continue
        name = shortened(entry.get("name") or "a detector", NAME)
        made = Detector(
            entry,
            name,
            entry.get("control") is True,
            scores[kept],
            anomalous,
            kept,
            _value(entry, "threshold"),
            _value(entry, "quantile"),
        )
        found.setdefault(name, made)
    return list(found.values())[:SHOWN]


def best(of: list[Detector], control: bool) -> Detector | None:
    """The one with the largest area among the controls, or among the others; None if none."""
    some = [one for one in of if one.control is control]
    return max(some, key=lambda one: one.area.mean) if some else None


def difference(first: Detector, second: Detector) -> Interval:
    """The area of the first less the second's: with an interval where both saw the same samples."""
    mean = first.area.mean - second.area.mean
    if not np.array_equal(first.kept, second.kept) or not np.array_equal(
        first.anomalous, second.anomalous
    ):
        return Interval(mean, np.nan, np.nan, len(first.scores))
    parts = [a - b for a, b in zip(first.placements, second.placements, strict=True)]
    return Interval(mean, *bounds(mean, _variance(*parts)), len(first.scores))


def bounds(mean: float, variance: float) -> tuple[float, float]:
    """The normal interval around a mean; NaN where the variance is none."""
    half = NORMAL_95 * np.sqrt(variance) if variance > 0 else np.nan
    return float(mean - half), float(mean + half)


def _variance(of_anomalies: Array, of_normal: Array) -> float:
    """Of the area, from the placements of both kinds of samples."""
    if min(len(of_anomalies), len(of_normal)) < 2:
        return float("nan")
    parts = [part.var(ddof=1) / len(part) for part in (of_anomalies, of_normal)]
    return float(sum(parts))


def _midranks(values: Array) -> Array:
    return np.asarray(pd.Series(values).rank(), dtype=np.float64)


def _value(entry: Entry, name: str) -> float:
    """A number of an entry, NaN where it is none."""
    return next(iter(numbers({name: [entry.get(name)]}, name)), float("nan"))
