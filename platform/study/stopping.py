"""Rules that end a trial before its last epoch: halving and median among siblings, and a plateau.

::

    stop:
      halving: {by: validation/reconstruction_error, from: 5, factor: 3}
      median: {from: 10}
      plateau: {patience: 5, tolerance: 0.01}

Halving and the median rule compare settings of one stage, each by the mean over its seeds, and what
they drop has lost: it is never promoted and has no children. A plateau looks at one trial alone,
which is then finished, only sooner; its rule is therefore part of the trial's key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from . import validation
from .direction import Direction, Unsaid, check_goal, filled
from .validation import Problems, wrong

LATEST = 1_000_000
LARGEST_FACTOR = 1000
_WRITTEN = {"from_epoch": "from"}  # `from` is no name in Python


@dataclass(frozen=True)
class _Rule(ABC):
    """A metric that is looked at after an epoch, and which way of it is better."""

    by: str = ""
    direction: Direction | Unsaid = ""

    example: ClassVar[str]

    def __post_init__(self) -> None:
        problems = Problems()
        check_goal(problems, self.by, self.direction)
        if isinstance(self.by, str) and self.by.startswith("test/"):
            with problems.under("by"):
                remedy = f"Write validation/{self.by.removeprefix('test/')}."
                raise wrong("must not look at the test set while training", self.by, remedy)
        self._check(problems)
        problems.raise_any()

    @abstractmethod
    def _check(self, problems: Problems) -> None:
        """Note what is wrong with the rule's own numbers."""

    def _whole(self, problems: Problems, name: str, low: int, high: int) -> None:
        with problems.under(_WRITTEN.get(name, name)):
            value = validation.integer(validation.plain(getattr(self, name)), low, high)
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, value: object) -> Self:
        """A rule from what a study writes."""
        if isinstance(value, cls):
            return value
        name = cls.__name__.lower()
        remedy = f"Write {name}: {cls.example}."
        written = validation.mapping(value, f"a mapping such as {cls.example}", remedy)
        names = {_WRITTEN.get(field.name, field.name): field.name for field in fields(cls)}
        validation.check_keys(written, [], list(names))
        return cls(**{names[key]: item for key, item in written.items()})

    def resolved(self, metric: str, direction: Direction) -> Self:
        """The rule with its gaps filled from the objective."""
        if not self.by and metric.startswith("test/"):
            metric = f"validation/{metric.removeprefix('test/')}"
        by, better = filled(self.by, self.direction, metric, direction)
        return type(self)(**{**vars(self), "by": by, "direction": better})

    def mapping(self) -> dict[str, object]:
        """The rule as a study writes it, its defaults said."""
        return {_WRITTEN.get(k, k): v for k, v in vars(self).items() if v != ""}


@dataclass(frozen=True)
class Halving(_Rule):
    """Asynchronous successive halving: at every rung only the best 1/factor of what came goes on.

    The rungs are the epochs from · factorᵏ, k = 0, 1, …; a setting is compared with every setting
    of its stage that has reached the rung before it (Li et al. 2020, arXiv:1810.05934).

    Args:
        by: a metric of every epoch, ``train/…`` or ``validation/…``; the objective's when empty.
        direction: ``minimize`` or ``maximize``; as for ``keep``.
        from_epoch: the first rung, an epoch from 1 (in YAML ``from``).
        factor: what a rung divides by, from 2.

    Raises:
        StudyError: a metric of the test set, or a number outside its range.
    """

    from_epoch: int = 5
    factor: int = 3
    example: ClassVar[str] = "{from: 5, factor: 3}"

    def _check(self, problems: Problems) -> None:
        self._whole(problems, "from_epoch", 1, LATEST)
        self._whole(problems, "factor", 2, LARGEST_FACTOR)


@dataclass(frozen=True)
class Median(_Rule):
    """A setting leaves when it is worse than the median of the others at the same epoch.

    Compared are running means over the epochs (Golovin et al. 2017, Google Vizier, section 3.2).

    Args:
        by: a metric of every epoch, ``train/…`` or ``validation/…``; the objective's when empty.
        direction: ``minimize`` or ``maximize``; as for ``keep``.
        from_epoch: the first epoch at which anything may leave, from 1 (in YAML ``from``).

    Raises:
        StudyError: a metric of the test set, or a number outside its range.
    """

    from_epoch: int = 5
    example: ClassVar[str] = "{from: 5}"

    def _check(self, problems: Problems) -> None:
        self._whole(problems, "from_epoch", 1, LATEST)


@dataclass(frozen=True)
class Plateau(_Rule):
    """A trial is done when it has not become better for a while.

    Args:
        by: a metric of every epoch, ``train/…`` or ``validation/…``; the objective's when empty.
        direction: ``minimize`` or ``maximize``; as for ``keep``.
        patience: epochs in a row without a better value after which it is done, from 1.
        tolerance: the share of the best value so far, from 0 and below 1, by which a value must
            improve on it to count as better.

    Raises:
        StudyError: a metric of the test set, or a number outside its range.
    """

    patience: int = 5
    tolerance: float = 0.01
    example: ClassVar[str] = "{patience: 5}"

    def _check(self, problems: Problems) -> None:
        self._whole(problems, "patience", 1, LATEST)
        with problems.under("tolerance"):
            rule = "must be a share from 0 and below 1"
            tolerance = validation.number(validation.plain(self.tolerance), rule)
            if not 0 <= tolerance < 1:
                raise wrong(rule, tolerance, "Write 0.01 for 1 %.")
            object.__setattr__(self, "tolerance", tolerance)


@dataclass(frozen=True)
class Stop:
    """The rules of a stage that end trials before their last epoch; at least one.

    Args:
        halving: drop what is not among the best at each rung.
        median: drop what is worse than the median of the others.
        plateau: finish what does not become better any more.

    Raises:
        StudyError: no rule, or a mistake in one of them.
    """

    halving: Halving | None = None
    median: Median | None = None
    plateau: Plateau | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        for name, kind in _RULES.items():
            written = getattr(self, name)
            if written is not None:
                with problems.under(name):
                    object.__setattr__(self, name, kind.of(written))
        if all(getattr(self, name) is None for name in _RULES):
            with problems.under():
                rule = f"must have at least one of {', '.join(_RULES)}"
                raise wrong(rule, None, "Write {plateau: {patience: 5}}.")
        problems.raise_any("stop")

    @classmethod
    def of(cls, value: object) -> Stop:
        """Rules from what a study writes: ``{plateau: {patience: 5}}``."""
        if isinstance(value, Stop):
            return value
        remedy = f"Write {{{value}: {{}}}}." if isinstance(value, str) and value in _RULES else None
        what = f"a mapping with any of {', '.join(_RULES)}"
        written = validation.mapping(value, what, remedy)
        validation.check_keys(written, [], list(_RULES))
        return cls(**written)

    def resolved(self, metric: str, direction: Direction) -> Stop:
        """The rules with their gaps filled from the objective."""
        found = {name: rule.resolved(metric, direction) for name, rule in self.rules().items()}
        return Stop(**found)  # type: ignore[arg-type]  # each is of the kind its name says

    def rules(self) -> Mapping[str, Halving | Median | Plateau]:
        """Those that are given, by name."""
        found = {name: getattr(self, name) for name in _RULES}
        return {name: rule for name, rule in found.items() if rule is not None}

    def mapping(self) -> dict[str, Any]:
        """The rules as a study writes them."""
        return {name: rule.mapping() for name, rule in self.rules().items()}


_RULES: dict[str, type[Halving] | type[Median] | type[Plateau]] = {
    "halving": Halving,
    "median": Median,
    "plateau": Plateau,
}
