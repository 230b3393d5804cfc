"""Search domains: what stands in a study in place of a single value.

=========================================  ==================================================
``{grid: [a, b, …]}``                      every value, crossed with the stage's other grids; of
                                           widths, ``{grid: [[500, 250], [300]]}``
``{choice: [a, b, …]}``                    one of the values at each draw; every value where
                                           nothing is drawn
``{uniform: [low, high], samples: n}``     n numbers, evenly spread over the interval
``{log_uniform: [low, high], samples: n}`` n numbers, their logarithms evenly spread
``{integers: [low, high], samples: n}``    n whole numbers, both ends included
=========================================  ==================================================

Where the stage has a ``search``, every domain is proposed from, and ``samples`` may be left out.
Any domain may say ``when: {path: value}`` (:mod:`.conditions`).

A draw is a function of (stage, hyperparameter, index) and of nothing else: another seed, another
machine or more samples leave the first draws as they are, so that nothing is trained twice.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import ClassVar, Self

import numpy as np

from ...models.errors import near_miss
from . import validation
from .validation import Problems, wrong

Value = float | int | str | bool | tuple[int, ...]
Check = Callable[[object], Value]

MOST_SAMPLES = 100_000


@dataclass(frozen=True)
class Domain(ABC):
    """The values of one hyperparameter that a study tries.

    ``when`` maps other hyperparameters of the stage to the values that they must have; where they
    have not, this one is left out.
    """

    when: Mapping[str, Value] = field(default_factory=dict, kw_only=True, hash=False)

    key: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]  # of the hyperparameters it may stand for

    @abstractmethod
    def at(self, fraction: float) -> Value:
        """The value at a fraction of the domain, 0 ≤ fraction < 1."""

    @abstractmethod
    def checked(self, check: Check) -> Self:
        """The domain with every end or value passed through `check`.

        Raises:
            StudyError: a value that `check` refuses, with the path to it inside the domain.
        """

    @abstractmethod
    def mapping(self) -> dict[str, object]:
        """The domain as a study writes it."""

    def _condition(self) -> dict[str, object]:
        return {"when": validation.plain(self.when)} if self.when else {}


@dataclass(frozen=True, init=False)
class Listed(Domain):
    """Given values, in the order in which they are written."""

    values: tuple[Value, ...]
    kinds: ClassVar[tuple[str, ...]] = ("real", "integer", "widths", "choice", "boolean")

    def __init__(self, values: Sequence[Value], *, when: Mapping[str, Value] | None = None) -> None:
        problems = Problems()
        object.__setattr__(self, "when", _when(problems, when or {}))
        with problems.under(self.key):
            items = validation.listed(values, "values", f"Write {{{self.key}: [a, b, …]}}.")
            object.__setattr__(self, "values", _values(items))
        problems.raise_any()

    def at(self, fraction: float) -> Value:
        """The value at a fraction of the list."""
        return self.values[int(fraction * len(self.values))]

    def checked(self, check: Check) -> Self:
        """The same values in their proper types."""
        problems = Problems()
        checked: list[Value] = []
        for index, value in enumerate(self.values):
            with problems.under(self.key, index):
                checked.append(check(value))
        problems.raise_any()
        return type(self)(checked, when=self.when)

    def mapping(self) -> dict[str, object]:
        """``{grid: [...]}`` or ``{choice: [...]}``."""
        return {self.key: validation.plain(self.values), **self._condition()}


@dataclass(frozen=True, init=False)
class Grid(Listed):
    """Every value, crossed with the other grids of the stage."""

    key: ClassVar[str] = "grid"


@dataclass(frozen=True, init=False)
class Choice(Listed):
    """One of the values at each draw, or each of them where the stage draws nothing."""

    key: ClassVar[str] = "choice"


@dataclass(frozen=True)
class Sampled(Domain):
    """Values drawn between two ends; all sampled domains of a stage are drawn together.

    ``samples`` is None where a stage's search proposes the values.
    """

    low: float
    high: float
    samples: int | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        ends: list[float] = []
        for index, end in enumerate((self.low, self.high)):
            with problems.under(self.key, index):
                ends.append(self._end(validation.plain(end)))
        if self.samples is not None:
            with problems.under("samples"):
                samples = validation.integer(validation.plain(self.samples), 1, MOST_SAMPLES)
                object.__setattr__(self, "samples", samples)
        object.__setattr__(self, "when", _when(problems, self.when))
        if len(ends) == 2 and not ends[0] < ends[1]:
            remedy = "A single value is written plainly, without a domain."
            problems.add("must be [low, high] with low < high", ends, remedy, at=self.key)
        problems.raise_any()
        object.__setattr__(self, "low", ends[0])
        object.__setattr__(self, "high", ends[1])

    def _end(self, value: object) -> float:
        return validation.number(value, "must be a finite number")

    def checked(self, check: Check) -> Self:
        """The domain itself, once `check` has admitted both ends."""
        problems = Problems()
        for index, end in enumerate((self.low, self.high)):
            with problems.under(self.key, index):
                check(end)
        problems.raise_any()
        return self

    def mapping(self) -> dict[str, object]:
        """``{uniform: [low, high], samples: n}`` and its like."""
        samples = {} if self.samples is None else {"samples": self.samples}
        return {self.key: [self.low, self.high], **samples, **self._condition()}


@dataclass(frozen=True)
class Uniform(Sampled):
    """Numbers spread evenly from low to high, in the hyperparameter's own unit."""

    key: ClassVar[str] = "uniform"
    kinds: ClassVar[tuple[str, ...]] = ("real",)

    def at(self, fraction: float) -> float:
        """low + fraction · (high − low), written so that it cannot overflow."""
        return _between(self.low, self.low * (1 - fraction) + self.high * fraction, self.high)


@dataclass(frozen=True)
class LogUniform(Sampled):
    """Numbers whose logarithms are spread evenly from log low to log high, low > 0."""

    key: ClassVar[str] = "log_uniform"
    kinds: ClassVar[tuple[str, ...]] = ("real",)

    def _end(self, value: object) -> float:
        end = validation.number(value, "must be a finite number above 0")
        if end <= 0:
            raise wrong("must be above 0", end, "The logarithm of 0 and below does not exist.")
        return end

    def at(self, fraction: float) -> float:
        """exp(log low + fraction · (log high − log low)), to 12 significant digits."""
        low, high = math.log(self.low), math.log(self.high)
        value = math.exp(low * (1 - fraction) + high * fraction)
        # exp and log differ in their last bits between C libraries, and the value enters the
        # trial's key: rounding makes another machine find the same trial in the store.
        return _between(self.low, float(f"{value:.12g}"), self.high)


@dataclass(frozen=True)
class Integers(Sampled):
    """Whole numbers from low to high, both included."""

    key: ClassVar[str] = "integers"
    kinds: ClassVar[tuple[str, ...]] = ("integer",)
    low: int
    high: int

    def _end(self, value: object) -> int:
        return validation.integer(value, -(2**53), 2**53)  # beyond, a fraction skips integers

    def at(self, fraction: float) -> int:
        """The whole number at a fraction of the range."""
        return min(self.high, self.low + math.floor(fraction * (self.high - self.low + 1)))


LISTED: dict[str, type[Listed]] = {domain.key: domain for domain in (Grid, Choice)}
SAMPLED: dict[str, type[Sampled]] = {
    domain.key: domain for domain in (Uniform, LogUniform, Integers)
}
DOMAINS = (*LISTED, *SAMPLED)


def read_domain(value: Mapping[str, object]) -> Domain:
    """A domain from what a study writes, such as ``{grid: [0, 0.1]}``.

    Raises:
        StudyError: not exactly one kind of domain, unknown or missing keys, or wrong values.
    """
    written = validation.mapping(value, "a value or a search domain")
    kinds = [key for key in written if key in DOMAINS]
    if len(kinds) != 1:
        guess = next((found for key in written if (found := near_miss(key, DOMAINS))), None)
        remedy = f"Did you mean {guess!r}?" if guess and not kinds else None
        rule = f"must be a value or exactly one of the domains {', '.join(DOMAINS)}"
        raise wrong(rule, written, remedy)
    [key] = kinds
    if key in LISTED:
        if "samples" in written:
            remedy = f"Leave it out: a {key} has as many values as it lists."
            raise wrong("'samples' belongs to uniform, log_uniform and integers", None, remedy)
        validation.check_keys(written, [key], ["when"])
        return LISTED[key](written[key], when=_asked(written))
    validation.check_keys(written, [key], ["samples", "when"])
    ends = written[key]
    if not isinstance(ends, list) or len(ends) != 2:
        problems = Problems()
        problems.add("must be a list of two numbers, [low, high]", ends, at=key)
        problems.raise_any()
    low, high = ends
    return SAMPLED[key](low, high, written.get("samples"), when=_asked(written))


def fractions(stage: str, path: str, samples: int) -> list[float]:
    """The first `samples` draws, 0 ≤ u < 1, of a hyperparameter of a stage."""
    key = blake2b(f"{stage}\0{path}".encode(), digest_size=16).digest()
    # Raw words, since NumPy promises their stream for ever and that of Generator.random not.
    raw = np.random.Philox(key=int.from_bytes(key, "little")).random_raw(samples)
    return [int(word >> 11) * 2.0**-53 for word in raw.tolist()]


def _asked(written: Mapping[str, object]) -> Mapping[str, Value]:
    """The condition of a written domain; an empty one says nothing, and is refused."""
    if "when" not in written:
        return {}
    problems = Problems()
    with problems.under("when"):
        found = validation.mapping(
            written["when"], "a mapping {path: value}", "Write when: {optimiser: momentum}."
        )
        if not found:
            raise wrong("must name at least one hyperparameter", None, "Or leave it out.")
        return found
    problems.raise_any()
    return {}


def _when(problems: Problems, written: Mapping[str, Value]) -> dict[str, Value]:
    """The values a condition asks for; whether they can be is checked with the stage's settings."""
    found: dict[str, Value] = {}
    with problems.under("when"):
        for path, value in validation.mapping(written, "a mapping {path: value}").items():
            if isinstance(value, Mapping):
                inner = ", ".join(f"{path}.{key}" for key in value)
                rule = "must be a single value"
                problems.add(rule, value, f"Write the whole path, {inner}.", at="when")
            else:
                found[path] = tuple(value) if isinstance(value, list) else value
    return found


def _values(items: list[object]) -> tuple[Value, ...]:
    """Single values, or widths such as [500, 250] as tuples."""
    problems = Problems()
    values: list[Value] = []
    for index, item in enumerate(items):
        if isinstance(item, str | int | float):
            values.append(item)
        elif isinstance(item, list) and all(isinstance(width, int | float) for width in item):
            values.append(tuple(item))
        else:
            problems.add("must be a single value, or a list of whole numbers", item, at=index)
    problems.raise_any()
    validation.distinct(values, "the values")
    return tuple(values)


def _between(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))
