"""Declarations of hyperparameters: range, unit, default, meaning; number or structure.

A *number* rides along the trial axis: trials that differ in it train fused. A *structure* decides
shapes or the program itself, so that it splits cohorts. A declaration is written as a class
attribute of a network (or of one of its parts, as in ``corruption.level``) and is replaced on the
instance by its value: a plain value for a structure, a tensor of shape (T,) for a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

from .errors import HyperparameterError, near_miss

Kind = Literal["real", "integer", "widths", "choice", "boolean"]


@dataclass(frozen=True)
class Hyperparameter:
    """One declared hyperparameter, addressed by its dotted path, such as ``corruption.level``."""

    path: str
    kind: Kind
    default: Any
    meaning: str
    unit: str = ""
    reference: str = ""
    low: float | None = None
    high: float | None = None
    admits_low: bool = True
    admits_high: bool = True
    choices: tuple[str, ...] = ()
    structural: bool = False
    logarithmic: bool = False

    def __post_init__(self) -> None:
        where = self.path or self.meaning or "hyperparameter"
        if not self.meaning:
            raise HyperparameterError(where, "must declare its meaning")
        if self.kind in ("real", "integer", "widths"):
            if not self.unit:
                raise HyperparameterError(where, "must declare its unit")
            if self.low is None and self.high is None:
                raise HyperparameterError(where, "must declare its range")
        self.check(self.default)

    @property
    def range_text(self) -> str:
        """The admissible values in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "boolean":
            return "true or false"
        noun = {
            "integer": "a whole number",
            "widths": "a list of whole numbers, each",
        }.get(self.kind, "a number")
        # Whole limits are said in full: 1000000, not 1e+06.
        form = ".6g" if self.kind == "real" else ".0f"
        low, high = self.low, self.high
        above = None if low is None else f"{'from' if self.admits_low else 'above'} {low:{form}}"
        below = None if high is None else f"{'to' if self.admits_high else 'below'} {high:{form}}"
        if above and below:
            return f"{noun} {above} {below if self.admits_high else 'and ' + below}"
        if above:
            return f"{noun} {above} upwards" if self.admits_low else f"{noun} {above}"
        return f"{noun} {below}" if below else noun

    def check(self, value: Any) -> Any:
        """Return the value in its proper type.

        Raises:
            HyperparameterError: wrong type, not finite, or outside the declared range.
        """
        if self.kind == "choice":
            if isinstance(value, str) and value in self.choices:
                return value
            guess = near_miss(value, self.choices) if isinstance(value, str) else None
            raise self._refusal(value, f"Did you mean {guess}?" if guess else None)
        if self.kind == "boolean":
            if isinstance(value, bool):
                return value
            raise self._refusal(value)
        if self.kind == "widths":
            if not isinstance(value, Sequence) or isinstance(value, str):
                raise self._refusal(value, "Write a list, such as [500, 250].")
            return tuple(self._bounded(width) for width in value)
        return self._bounded(value)

    def _bounded(self, value: Any) -> float:
        number = self._number(value)
        if self.low is not None and (
            number < self.low or (number == self.low and not self.admits_low)
        ):
            raise self._refusal(value)
        if self.high is not None and (
            number > self.high or (number == self.high and not self.admits_high)
        ):
            raise self._refusal(value)
        return number

    def _number(self, value: Any) -> float:
        """The value as an int or a float; NumPy's numbers are numbers too."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise self._refusal(value)
        try:
            real = float(value)
        except OverflowError:
            raise self._refusal(value) from None
        if not math.isfinite(real):
            raise self._refusal(value, "Only finite numbers can be trained with.")
        if self.kind == "real":
            return real
        if isinstance(value, Integral):
            return int(value)
        if real != int(real):
            raise self._refusal(value)
        return int(real)

    def _refusal(self, value: Any, remedy: str | None = None) -> HyperparameterError:
        remedy = remedy or f"It is the {self.meaning}."
        return HyperparameterError(self.path, f"must be {self.range_text}", value, remedy)


class Part:
    """Hyperparameters under one name, such as ``corruption`` with ``kind`` and ``level``.

    On an instance each declaration is replaced by its value: plain for a structure, (T,) for a
    number.
    """

    hyperparameters: ClassVar[dict[str, Hyperparameter]]

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.hyperparameters = collect(cls)

    @classmethod
    def check(cls, values: Mapping[str, Any], prefix: str) -> None:
        """Refuse values that exclude one another.

        Args:
            values: all hyperparameters of the network, by dotted path.
            prefix: the name under which the network declares this part.

        Raises:
            HyperparameterError: says which, and what to write instead.
        """

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class PartDeclaration:
    """A part as a network declares it: its class, and defaults that differ from the part's own."""

    part: type[Part]
    defaults: dict[str, Any]


def number(
    default: float,
    *,
    meaning: str,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    admits_low: bool = True,
    admits_high: bool = True,
    logarithmic: bool = False,
    reference: str = "",
) -> Any:
    """Declare a real number that rides along the trial axis; on the instance a (T,) tensor."""
    return Hyperparameter(
        "", "real", float(default), meaning, unit, reference, low, high, admits_low, admits_high,
        logarithmic=logarithmic,
    )  # fmt: skip


def structural(
    default: int | bool,
    *,
    meaning: str,
    unit: str = "",
    low: int | None = None,
    high: int | None = None,
    reference: str = "",
) -> Any:
    """Declare a whole number or a boolean that decides shapes or the program itself."""
    kind: Kind = "boolean" if isinstance(default, bool) else "integer"
    return Hyperparameter("", kind, default, meaning, unit, reference, low, high, structural=True)


def widths(
    default: tuple[int, ...],
    *,
    meaning: str,
    unit: str,
    low: int = 1,
    high: int = 65536,
    reference: str = "",
) -> Any:
    """Declare a list of whole numbers, such as the widths of layers; always a structure."""
    return Hyperparameter(
        "", "widths", default, meaning, unit, reference, low, high, structural=True
    )


def choice(default: str, choices: tuple[str, ...], *, meaning: str, reference: str = "") -> Any:
    """Declare a name out of a fixed list; always a structure."""
    return Hyperparameter(
        "", "choice", default, meaning, reference=reference, choices=choices, structural=True
    )


def part(kind: type[Part], /, **defaults: Any) -> Any:
    """Declare a part of a network, with defaults of this variant's own."""
    return PartDeclaration(kind, defaults)


def default(value: Any) -> Any:
    """A variant's own default for a hyperparameter that a base class declares."""
    return value


def collect(owner: type) -> dict[str, Hyperparameter]:
    """All hyperparameters that a class and its bases declare, by dotted path.

    A value assigned over an inherited declaration gives it a new default, checked here, so
    that a wrong one fails when the class is made.
    """
    found: dict[str, Hyperparameter] = {}
    for base in reversed(owner.__mro__):
        for name, declared in vars(base).items():
            if isinstance(declared, Hyperparameter):
                found[name] = replace(declared, path=name)
            elif isinstance(declared, PartDeclaration):
                for inner, hyperparameter in declared.part.hyperparameters.items():
                    path = f"{name}.{inner}"
                    found[path] = _with_default(
                        replace(hyperparameter, path=path),
                        declared.defaults.get(inner, hyperparameter.default),
                    )
                for unknown in declared.defaults.keys() - declared.part.hyperparameters.keys():
                    raise HyperparameterError(f"{owner.__name__}.{name}", "no such part", unknown)
            elif name in found and not name.startswith("_"):
                found[name] = _with_default(found[name], declared)
    return found


def _with_default(hyperparameter: Hyperparameter, default: Any) -> Hyperparameter:
    return replace(hyperparameter, default=hyperparameter.check(default))
