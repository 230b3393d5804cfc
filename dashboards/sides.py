"""Two records side by side: what to call them, which settings of theirs meet, and what forbids it.

A difference is always *right minus left*. Where both best settings ran on the same data with the
same seeds (or many the same), it is taken over those, seed by seed, so that what a seed does to
both cancels: Student's t over the differences. Elsewhere it is the difference of two means with
Welch's interval (Welch 1947, Biometrika 34:28), each side keeping a variance of its own; a seed
that both happen to share makes that interval too wide rather than too narrow, because it shifts
both alike.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from .effects import best_setting, ranked
from .outline import ERROR, final_stages, finished, objective, swept
from .palette import LIGHT
from .statistics import LEVEL, Interval, interval, paired
from .wording import measure_label, setting_text

if TYPE_CHECKING:
    from .frames import Frames

LONGEST = 32
"""Letters of a name in a legend; the whole name stands among what was asked."""
DATA, OBJECTIVE, RESULT = "data", "objective", "result"


@dataclass(frozen=True, eq=False)
class Side:
    """One of two records: its ``frames``, the ``stage`` that meets the other's, and its label."""

    frames: Frames
    stage: str
    label: str
    place: int
    """0 for the left, 1 for the right."""
    values: dict[str, pd.Series] = field(default_factory=dict, repr=False)
    """What ``of_best`` found, by metric; nobody else may write to it."""

    @property
    def colour(self) -> str:
        """The side's own colour."""
        return LIGHT.categorical[self.place]

    @property
    def dash(self) -> str:
        """The side's line, so that colour is not the only cue."""
        return ("solid", "dash")[self.place]

    @property
    def symbol(self) -> str:
        """The side's marker, for the same reason."""
        return ("circle", "diamond")[self.place]

    @property
    def objective(self) -> tuple[str, bool]:
        """The metric by which the stage's settings are ranked, and whether lower is better."""
        return objective(self.frames, self.stage)

    @property
    def best(self) -> pd.Series | None:
        """Rank 1 of the stage; None where no trial finished."""
        return best_setting(self.frames, self.stage)

    @property
    def settings(self) -> int:
        """How many settings are ranked."""
        return len(ranked(self.frames, self.stage))

    @property
    def best_text(self) -> str:
        """The best setting in words."""
        best = self.best
        if best is None:
            return ""
        values: dict[str, Any] = {str(name): value for name, value in best.items()}
        return setting_text(self.frames, values, swept(self.frames, self.stage))

    @cached_property
    def trials_of_best(self) -> pd.DataFrame:
        """The rows of ``runs`` of the best setting that ended whole, by seed."""
        best = self.best
        trials = finished(self.frames, self.stage, self.objective[0])
        own = trials[trials["setting"] == best.name] if best is not None else trials.iloc[:0]
        return own.drop_duplicates("seed").set_index("seed").sort_index()

    def of_best(self, metric: str) -> pd.Series:
        """The finite values of ``metric`` at the best setting, by seed."""
        if metric not in self.values:
            held = metric in self.trials_of_best.columns
            found = self.trials_of_best[metric] if held else pd.Series(dtype=float)
            values = found.astype(float)
            self.values[metric] = values[np.isfinite(values)]
        return self.values[metric]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sides and what may be said of both."""

    left: Side
    right: Side
    memory: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    """Tables that several readers share, by name; nobody may write to one."""

    @classmethod
    def of(cls, left: Frames, right: Frames) -> Pair:
        """The sides of two records; final stages of the same name meet, else the last ones."""
        ours, theirs = (final_stages(frames) for frames in (left, right))
        shared = [name for name in ours if name in theirs]
        stages = [
            shared[-1] if shared else [*frames.stages, *ends][-1]
            for frames, ends in ((left, ours), (right, theirs))
        ]
        first, second = labels(left, right)
        return cls(Side(left, stages[0], first, 0), Side(right, stages[1], second, 1))

    @property
    def sides(self) -> tuple[Side, Side]:
        """The left and the right one."""
        return self.left, self.right

    @cached_property
    def obstacles(self) -> dict[str, str]:
        """Why the two cannot be compared, in words by what it is; empty where they can.

        ``DATA``: their data differ, or are not recorded yet, so that no number of the one belongs
        beside one of the other. ``OBJECTIVE``: their settings are ranked by different metrics.
        ``RESULT``: one has no setting that finished.
        """
        found: dict[str, str] = {}
        (one, two), (a, b) = self.sides, (self.left.label, self.right.label)
        digests = [
            str((side.frames.study.get("data") or {}).get("digest") or "") for side in (one, two)
        ]
        unknown = [
            side.label for side, digest in zip((one, two), digests, strict=True) if not digest
        ]
        if unknown:
            found[DATA] = f"the data of {' and of '.join(unknown)} are not recorded (yet)"
        elif digests[0] != digests[1]:
            found[DATA] = f"{a} was run on {_data(one)}, {b} on {_data(two)}"
        if one.objective != two.objective:
            wanted = [f"the {'lowest' if lower else 'highest'} {measure_label(side.frames, metric)}"
                      for side in (one, two) for metric, lower in [side.objective]]  # fmt: skip
            found[OBJECTIVE] = f"the best of {a} has {wanted[0]}, the best of {b} {wanted[1]}"
        none = [side.label for side in (one, two) if side.best is None]
        if none:
            found[RESULT] = f"no setting of {' and none of '.join(none)} has finished"
        return found

    @property
    def same_data(self) -> bool:
        """Whether numbers of the one may stand on an axis with those of the other."""
        return DATA not in self.obstacles

    @cached_property
    def metric(self) -> str:
        """The metric in which the two meet: the objective where they share it."""
        (first, _), (second, _) = self.left.objective, self.right.objective
        both = self.left.frames.runs.columns.intersection(self.right.frames.runs.columns)
        return next((name for name in (first, second, ERROR) if name in both), ERROR)

    def seeds(self, metric: str) -> tuple[int, ...]:
        """The seeds for which both best settings have ``metric``."""
        left, right = (side.of_best(metric).index for side in self.sides)
        return tuple(int(seed) for seed in left.intersection(right))

    def by_seed(self, metric: str) -> bool:
        """Whether the difference in ``metric`` is taken seed by seed.

        That is decided by the seeds alone, before any value is looked at: on the same data, where
        the best settings have the same seeds, or share two and half of the larger number at least.
        """
        counts = [len(side.of_best(metric)) for side in self.sides]
        shared = len(self.seeds(metric))
        same = shared and counts == [shared, shared]
        return self.same_data and bool(same or (shared > 1 and 2 * shared >= max(counts)))

    def difference(self, metric: str) -> Interval:
        """Right minus left at the best settings, over seeds; all NaN where data differ."""
        left, right = (side.of_best(metric) for side in self.sides)
        if not self.same_data:
            return interval([])
        if self.by_seed(metric):
            return paired(right, left)
        return welch(right.to_numpy(), left.to_numpy())


def welch(first: ArrayLike, second: ArrayLike, level: float = LEVEL) -> Interval:
    """Mean of ``first`` (n,) minus that of ``second`` (m,) with Welch's interval.

    The interval's ``n`` is the smaller of both; below two there are no bounds.
    """
    values = [np.asarray(array, dtype=float) for array in (first, second)]
    values = [array[np.isfinite(array)] for array in values]
    n = min(array.size for array in values)
    if not n:
        return interval([])
    mean = float(values[0].mean() - values[1].mean())
    if n < 2:
        return Interval(mean, np.nan, np.nan, n)
    parts = [float(array.var(ddof=1) / array.size) for array in values]
    total = sum(parts)
    if not total:
        return Interval(mean, mean, mean, n)
    # As shares of the total: the square of a tiny variance is zero.
    terms = [(p / total) ** 2 / (v.size - 1) for p, v in zip(parts, values, strict=True)]
    half = float(stdtrit(1 / sum(terms), 0.5 + level / 2) * np.sqrt(total))
    return Interval(mean, mean - half, mean + half, n)


def labels(left: Frames, right: Frames) -> tuple[str, str]:
    """Names for a legend, short and never the same: with the time of the run where they must."""
    first, second = (shortened(frames.study.get("study")) for frames in (left, right))
    if first != second:
        return first, second
    times = [frames.execution.get("started") for frames in (left, right)]
    said = [f"{time:%d %b %H:%M}".lstrip("0") if time is not None else "" for time in times]
    if all(said) and said[0] != said[1]:
        return f"{first}, {said[0]}", f"{second}, {said[1]}"
    return f"{first} (first)", f"{second} (second)"


def shortened(name: object, most: int = LONGEST) -> str:
    """At most ``most`` letters of a name, on one line and without invisible ones."""
    # Control and format characters could turn the direction of what stands behind the name.
    seen = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in str(name or ""))
    text = " ".join(seen.split()) or "unnamed"
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _data(side: Side) -> str:
    known = side.frames.study.get("data") or {}
    return f"{known.get('name') or 'data'} ({str(known['digest'])[:8]})"
