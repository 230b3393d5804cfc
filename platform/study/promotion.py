"""The promotion rule of a stage: which of its settings get children."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from . import validation
from .direction import Direction, Unsaid, check_goal, filled
from .validation import Problems, wrong

MOST_KEPT = 100_000
VALUES = ("own", "descendants")
_KEYS = ("best", "fraction", "by", "direction", "value")


@dataclass(frozen=True)
class Keep:
    """Only the best settings of a stage get children.

    Args:
        best: how many settings go on, at least 1; exactly one of `best` and `fraction` is given.
        by: the metric that ranks them, by its mean over the seeds; the objective's when empty.
        direction: ``minimize`` or ``maximize``; when empty, the objective's if `by` is its metric,
            else ``minimize``.
        fraction: the share of the settings that go on, above 0 and below 1; rounded down, but one
            setting always does.
        value: whose metric that is. ``own``: the setting's. ``descendants``: that of its best
            descendant in the study's last stage, and for that every setting first gets one line of
            descendants (:mod:`layerwise.platform.plan.promotion`). The metric must mean the same on
            all of them: an error of reconstruction is measured in the codes below.

    Inside a study `by` and `direction` are always filled in.

    Raises:
        StudyError: neither or both of `best` and `fraction`, a number out of its range, a metric, a
            direction or a value that is none.
    """

    best: int | None = None
    by: str = ""
    direction: Direction | Unsaid = ""
    fraction: float | None = None
    value: Literal["own", "descendants"] = "own"

    def __post_init__(self) -> None:
        problems = Problems()
        if (self.best is None) == (self.fraction is None):
            with problems.under():
                remedy = "Write {best: 2} or {fraction: 0.25}."
                raise wrong("must have exactly one of best and fraction", None, remedy)
        if self.best is not None:
            with problems.under("best"):
                best = validation.integer(validation.plain(self.best), 1, MOST_KEPT)
                object.__setattr__(self, "best", best)
        if self.fraction is not None:
            with problems.under("fraction"):
                object.__setattr__(self, "fraction", validation.share(self.fraction))
        check_goal(problems, self.by, self.direction)
        with problems.under("value"):
            validation.one_of(self.value, VALUES)
        problems.raise_any("keep")

    @classmethod
    def of(cls, value: object) -> Keep:
        """A rule from what a study writes: ``{best: 2, by: validation/reconstruction_error}``."""
        if isinstance(value, Keep):
            return value
        written = validation.mapping(value, "a mapping such as {best: 2}", "Write {best: 2}.")
        validation.check_keys(written, [], _KEYS)
        return cls(**written)

    def count(self, settings: int) -> int:
        """How many of so many settings go on."""
        if self.best is not None:
            return min(self.best, settings)
        assert self.fraction is not None
        # 0.29 · 100 is 28.999… in floating point, and means 29.
        return min(settings, max(1, math.floor(self.fraction * settings + 1e-9)))

    def resolved(self, metric: str, direction: Direction) -> Keep:
        """The rule with its gaps filled from the objective."""
        by, better = filled(self.by, self.direction, metric, direction)
        return Keep(self.best, by, better, self.fraction, self.value)

    def mapping(self) -> dict[str, object]:
        """The rule as a study writes it."""
        found = {key: getattr(self, key) for key in _KEYS}
        unsaid = {"best": None, "fraction": None, "by": "", "direction": "", "value": "own"}
        return {key: value for key, value in found.items() if value != unsaid[key]}
