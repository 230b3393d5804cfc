"""Which setting is the best, and which others might be: differences over seeds, all at once.

Settings are compared by **paired differences**: trials with the same seed saw the same batches and
the same draws, so what a seed does to all settings cancels. Each difference keeps a variance of its
own (Student's t over the common seeds); none is pooled, because settings differ in how much they
vary, and an interval from another setting's variance may be far too narrow.

**All m settings at once.** The quantile is Bonferroni's, two-sided, for the m − 1 comparisons with
one setting, which holds whatever their correlations: with 95 % confidence all intervals around the
true best hold together. Which setting that is, is unknown, and the one that came first may have
come first by luck. Two statements hold all the same, as in multiple comparisons with the best
(Edwards & Hsu 1983, JASA 78:965; Hsu 1984, Ann. Stat. 12:1136): with 95 % confidence **the true
best is among the first and those that contend with it**, since it is left out only if its interval
around some other setting fails; and with 95 % confidence **no winner is called where there is
none**, exact ties included. Not promised is that of settings which are exactly equal none is called
behind the luckiest of them: that would take the correction for all m(m − 1)/2 pairs, and three
seeds would then tell nothing from anything.

**Looks.** Where seeds are added until the winner is clear, results are looked at again and again,
and each look may err. Every look spends a share of the 5 % in proportion to the seeds seen since
the one before (Lan & DeMets 1983, Biometrika 70:659, with the linear spending function), and the
shares add up, which holds however the looks depend on one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

ERROR = 0.05
"""The chance that the true best is left out, over all settings and all looks together."""
GROWTH = 1.5
"""By how much seeds grow from one look to the next: few looks, none of which adds many."""

Floats = NDArray[np.float64]
State = Literal["alone", "unknown", "clear", "close", "open"]


@dataclass(frozen=True)
class Looks:
    """The looks at results while settings go from ``start`` seeds to at most ``most``, both ≥ 1."""

    start: int
    most: int

    @property
    def counts(self) -> tuple[int, ...]:
        """How many seeds each look sees: one seed has no interval and is not looked at alone."""
        first = self.start if self.most == self.start else max(self.start, 2)
        counts = [first]
        while counts[-1] < self.most:
            counts.append(min(max(counts[-1] + 1, int(np.ceil(GROWTH * counts[-1]))), self.most))
        return tuple(counts)

    def errors(self, seeds: NDArray[np.int_]) -> Floats:
        """What the look at that many seeds may spend of ``ERROR``; of the latest one before it."""
        counts = np.array(self.counts)
        spent = np.diff(counts, prepend=0) * (ERROR / counts[-1])
        at = np.searchsorted(counts, seeds, side="right") - 1
        return np.asarray(spent[np.maximum(at, 0)], dtype=float)


@dataclass(frozen=True)
class Contest:
    """How m settings stand, in the order of the columns given.

    ``best``: the column of the first, −1 where no setting is whole. ``difference``, ``low``,
    ``high`` (m,): the mean paired difference from the first in the metric's own sign, and its
    simultaneous bounds; NaN where there are none. ``contending`` (m,): whole, and not behind the
    first of any look; the best is among them. ``seeds``: how many seeds the last look saw.

    ``state`` is "clear" (the first alone contends), "close" (every other contender's interval is
    as narrow as asked for, and still reaches zero), "open" (others contend), "alone" (there is one
    setting or none, or all that contended lost a seed), "unknown" (one seed). ``compared``: how
    many settings are whole. ``asked`` (m,): how many seeds each setting should have, for the looks
    so far and for the next; ``waiting``: whether some contender lacks one of them.
    """

    best: int
    difference: Floats
    low: Floats
    high: Floats
    contending: NDArray[np.bool_]
    state: State
    seeds: int
    compared: int
    asked: NDArray[np.int_]
    waiting: bool


def contest(values_SM: Floats, lower_is_better: bool, looks: Looks, until: float = 0.0) -> Contest:
    """Compare settings with the best, look by look, as if the seeds had just come in.

    The same values give the same answer, and further seeds change no earlier look. A setting is
    whole that has a finite value for the first ``looks.start`` seeds.

    Args:
        values_SM: a metric, seeds × settings, rows in the order in which seeds are added; NaN where
            there is no trial yet, ±inf where one diverged. A setting is out from there on.
        lower_is_better: whether the metric is minimized.
        looks: how often, and with how many seeds. One look, ``Looks(n, n)``, where none are added.
        until: half a width of an interval, as a share of the best's mean, that is narrow enough.
    """
    sign = 1.0 if lower_is_better else -1.0
    values = sign * np.asarray(values_SM, dtype=float)
    contending: NDArray[np.bool_] = np.array(np.isfinite(values[: looks.start]).all(0), dtype=bool)
    family = int(contending.sum())
    asked = np.full(len(contending), looks.start)
    best, seen, waiting = _lowest(values[: looks.start], contending), 0, False
    state: State = "alone"
    for count in looks.counts if family > 1 else ():
        rows = values[:count]
        # Those that lose one of these seeds were asked for it too.
        asked[contending] = count
        contending = contending & ~np.isinf(rows).any(0)
        state = "clear" if contending.any() else "alone"
        if contending.sum() < 2:
            best = _lowest(values[: looks.start], contending)
            break
        if len(rows) < count or np.isnan(rows[:, contending]).any():
            state, waiting = "open", True
            break
        best, seen = _lowest(rows, contending), count
        _, low, high = _bounds(rows, best, looks, family)
        if count < 2:
            state = "unknown"
            break
        contending = contending & ~(low > 0)
        contending[best] = True
        others = np.flatnonzero(contending & (np.arange(len(low)) != best))
        if not len(others):
            break
        near = until * abs(float(rows[:, best].mean()))
        if until and ((high - low)[others] <= 2 * near).all():
            state = "close"
            break
        state = "open"
    difference, low, high = _bounds(values, best, looks, family)
    if sign < 0:
        low, high = sign * high, sign * low
    return Contest(
        best, sign * difference, low, high, contending, state, seen, family, asked, waiting
    )


def _lowest(values_SM: Floats, among: NDArray[np.bool_]) -> int:
    """The column of the lowest mean; −1 where none is to be looked at."""
    if not among.any():
        return -1
    columns = np.flatnonzero(among)
    return int(columns[values_SM[:, columns].mean(0).argmin()])


def _bounds(
    values_SM: Floats, best: int, looks: Looks, family: int
) -> tuple[Floats, Floats, Floats]:
    """Mean paired differences (m,) from a column over common seeds, and their bounds."""
    if best < 0:
        none = np.full(values_SM.shape[1], np.nan)
        return none, none, none
    with np.errstate(invalid="ignore"):
        gaps = values_SM - values_SM[:, [best]]
    finite = np.isfinite(gaps)
    n = finite.sum(0)
    some = np.maximum(n, 1)
    mean = np.where(finite, gaps, 0.0).sum(0) / some
    squares = np.where(finite, gaps - mean, 0.0) ** 2
    error = np.sqrt(squares.sum(0) / np.maximum(n - 1, 1) / some)
    tail = looks.errors(n) / (2 * max(family - 1, 1))
    half = stdtrit(np.maximum(n - 1, 1), 1 - tail) * error
    known = (n > 1) & (np.arange(len(n)) != best)
    low, high = (np.where(known, mean + end, np.nan) for end in (-half, half))
    return np.where(n > 0, mean, np.nan), low, high
