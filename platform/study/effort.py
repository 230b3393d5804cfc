"""How much a study may train: its budget, and seeds that are added until the answer is clear."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from . import validation as rules
from .validation import Problems, wrong

LARGEST_SEED = 2**31 - 1
MOST_SEEDS = 10_000
STARTING_SEEDS = 3
LARGEST_COUNT = 10**12
_PERCENT = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+) ?%")


@dataclass(frozen=True)
class Budget:
    """What a study may spend at most; nothing more is started once it is spent.

    Args:
        trials: of the study, from 1. Those that the store holds already count too: run again, a
            study whose budget is spent does nothing.
        minutes: of one execution, since its first trial started, above 0.
        epochs: summed over the study's trials, from 1; stored ones count as for `trials`.

    Raises:
        StudyError: none of these is given, or a number is outside its range.
    """

    trials: int | None = None
    minutes: float | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        if not self.mapping():
            with problems.under():
                rule = "must have at least one of trials, minutes, epochs"
                raise wrong(rule, None, "Write {trials: 100}.")
        for name in ("trials", "epochs"):
            if getattr(self, name) is not None:
                with problems.under(name):
                    count = rules.integer(rules.plain(getattr(self, name)), 1, LARGEST_COUNT)
                    object.__setattr__(self, name, count)
        if self.minutes is not None:
            with problems.under("minutes"):
                minutes = rules.number(rules.plain(self.minutes), "must be a number above 0")
                if minutes <= 0:
                    raise wrong("must be a number above 0", minutes)
                object.__setattr__(self, "minutes", minutes)
        problems.raise_any("budget")

    @classmethod
    def of(cls, value: object) -> Budget:
        """A budget from what a study writes: ``{trials: 100, minutes: 30}``."""
        if isinstance(value, Budget):
            return value
        remedy = f"Write {{trials: {value}}}." if isinstance(value, int) else None
        known = [field.name for field in fields(cls)]
        written = rules.mapping(value, f"a mapping with any of {', '.join(known)}", remedy)
        rules.check_keys(written, [], known)
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The budget as a study writes it."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class SeedsUntil:
    """Seeds are added to the settings that may still be the best, until one clearly is.

    Args:
        until: seeds are enough when the interval of every difference from the best excludes zero,
            or reaches no further to either side than this share of the best's objective; between 0
            and 1.
        max: seeds per setting at most, those it starts with included.

    Raises:
        StudyError: a number outside its range.
    """

    until: float
    max: int

    def __post_init__(self) -> None:
        problems = Problems()
        with problems.under("until"):
            object.__setattr__(self, "until", _share(self.until))
        with problems.under("max"):
            most = rules.integer(rules.plain(self.max), 2, MOST_SEEDS)
            object.__setattr__(self, "max", most)
        problems.raise_any("seeds")


def read_seeds(value: object) -> tuple[tuple[int, ...], SeedsUntil | None]:
    """The seeds a study starts with, and the rule that adds further ones.

    Args:
        value: ``[0, 1, 2]``, or ``{until: 0.5%, max: 12, start: 3}``: the first 3 whole numbers.

    Raises:
        StudyError: neither of these, or a number outside its range.
    """
    if isinstance(value, dict):
        return _adaptive(value)
    remedy = f"Write [{value}]." if isinstance(value, int) else None
    items = rules.listed(value, "whole numbers", remedy)
    problems = Problems()
    seeds: list[int] = []
    for index, item in enumerate(items):
        with problems.under(index):
            seeds.append(rules.integer(item, 0, LARGEST_SEED))
    problems.raise_any()
    rules.distinct(items, "seeds")
    return tuple(seeds), None


def written_seeds(seeds: tuple[int, ...], more: SeedsUntil | None) -> object:
    """The seeds as a study writes them."""
    if more is None:
        return list(seeds)
    return {"until": more.until, "max": more.max, "start": len(seeds)}


def _adaptive(value: dict[object, object]) -> tuple[tuple[int, ...], SeedsUntil]:
    written = rules.mapping(value, "a list of whole numbers")
    rules.check_keys(written, ["until", "max"], ["start"])
    problems = Problems()
    found: list[SeedsUntil] = []
    with problems.under():
        found.append(SeedsUntil(written["until"], written["max"]))
    start = STARTING_SEEDS
    with problems.under("start"):
        start = rules.integer(written.get("start", start), 2, MOST_SEEDS)
        if found and start > found[0].max:
            raise wrong(f"must be at most max, {found[0].max}", start)
    problems.raise_any("seeds")
    return tuple(range(start)), found[0]


def _share(value: object) -> float:
    if isinstance(value, str) and (match := _PERCENT.fullmatch(value.strip())):
        # In decimal: 0.7 / 100 is not 0.007.
        value = float(f"{match.group(1)}e-2")
    if isinstance(value, str):
        raise wrong("must be a share such as 0.5% or 0.005", value, rules.misread(value))
    return rules.share(value)
