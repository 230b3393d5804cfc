"""What can go wrong, and how it is said.

LayerwiseError
├── UnknownModelError       a name the registry does not hold
├── HyperparameterError     a value outside its declared range, or a path nobody declared
├── InputError              an array a network cannot take
├── TrialDiverged           a loss that left the finite numbers
└── (layerwise.platform.errors adds the errors of studies, data, home, store and tracking)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LayerwiseError(Exception):
    """Says where, which rule, what was found instead, and what would be right."""

    def __init__(
        self, where: str, rule: str, got: object = None, remedy: str | None = None
    ) -> None:
        self.where = where
        self.rule = rule
        self.got = got
        self.remedy = remedy
        super().__init__(where, rule, got, remedy)

    def __str__(self) -> str:
        found = "" if self.got is None else f", but got {_shortened(self.got)}"
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.rule}{found}{remedy}"


class UnknownModelError(LayerwiseError, LookupError):
    """The registry holds no variant of that name."""


class HyperparameterError(LayerwiseError, ValueError):
    """A hyperparameter is unknown, of the wrong type, or out of its range."""


class InputError(LayerwiseError, ValueError):
    """An array has the wrong width, the wrong type, or numbers that are not finite."""


class TrialDiverged(LayerwiseError, ArithmeticError):
    """A trial's loss or weights left the finite numbers."""


class UnreliableEstimate(UserWarning):
    """A number that rests on an estimate whose two directions do not agree."""


def near_miss(word: str, possible: Iterable[str]) -> str | None:
    """The likeliest intended word, or None when nothing is close."""
    found = difflib.get_close_matches(word, list(possible), n=1, cutoff=0.6)
    return found[0] if found else None


def _shortened(value: object, most: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
