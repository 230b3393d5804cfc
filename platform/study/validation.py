"""How the mistakes of a study are found, placed and said.

Every object of a study checks itself when it is made and speaks of its own keys only; whoever
holds it puts its own key in front (:meth:`Problems.under`), and the YAML reader adds file and line.
A study built in Python and a study read from a file therefore pass the very same checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...models.errors import near_miss
from ..errors import StudyError

Key = str | int

MOST_SHOWN = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}")
_METRIC = re.compile(r"(train|validation|test)/[a-z][a-z0-9_.]*")
_NUMBER = re.compile(r"([-+]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([-+]?[0-9]+))?")


@dataclass(frozen=True)
class Problem:
    """One mistake: the keys that lead to it, the rule, what was found, and what would be right."""

    path: tuple[Key, ...]
    rule: str
    got: object = None
    remedy: str | None = None


class InvalidStudyError(StudyError):
    """One or more mistakes of a study; where, rule, got and remedy are those of the first.

    Args:
        problems: what is wrong, at least one.
        places: for each problem, where it is; the key path by default.
    """

    def __init__(self, problems: Sequence[Problem], places: Sequence[str] | None = None) -> None:
        self.problems = tuple(problems)
        self.places = tuple(places or (key_path(problem.path) for problem in problems))
        self.errors = tuple(
            StudyError(place, problem.rule, problem.got, problem.remedy)
            for place, problem in zip(self.places, self.problems, strict=True)
        )
        first = self.errors[0]
        super().__init__(first.where, first.rule, first.got, first.remedy)
        self.args = (self.problems, self.places)  # what unpickling calls the class with

    def __str__(self) -> str:
        lines = [str(error) for error in self.errors[:MOST_SHOWN]]
        if len(self.errors) > MOST_SHOWN:
            lines.append(f"… and {len(self.errors) - MOST_SHOWN} more")
        return "\n".join(lines)


class Problems:
    """Collects mistakes, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, rule: str, got: object = None, remedy: str | None = None, *, at: Key) -> None:
        """Note a mistake at the key `at`."""
        self.found.append(Problem((at,), rule, got, remedy))

    @contextmanager
    def under(self, *keys: Key) -> Iterator[None]:
        """Take over the mistakes raised inside, with these keys in front of their paths."""
        try:
            yield
        except InvalidStudyError as invalid:
            self.found += [
                replace(problem, path=(*keys, *problem.path)) for problem in invalid.problems
            ]

    def raise_any(self, owner: str | None = None) -> None:
        """Raise what was found, if anything.

        Args:
            owner: what the keys belong to, said when nobody takes the mistakes over.
        """
        if self.found:
            places = [key_path((owner, *p.path) if owner else p.path) for p in self.found]
            raise InvalidStudyError(self.found, places)


def wrong(rule: str, got: object = None, remedy: str | None = None) -> InvalidStudyError:
    """The error for a single mistake, at whichever key its holder puts in front."""
    return InvalidStudyError([Problem((), rule, got, remedy)])


def key_path(keys: Sequence[Key]) -> str:
    """``("stages", 0, "corruption", "level")`` → ``stages[0].corruption.level``."""
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            shown = key if key.isprintable() and key else repr(key)
            path += f".{shown}" if path else shown
    return path or "study"


def plain(value: object) -> object:
    """NumPy's scalars and arrays, tuples, ranges and mappings as plain Python values."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, tuple | range | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def misread(value: object) -> str | None:
    """What to write where a number is meant and something else came, or None."""
    if isinstance(value, bool):
        return f"true and false are not numbers: write {int(value)} if that is meant."
    if isinstance(value, list):
        return "To try several values, write {grid: [...]}."
    if not isinstance(value, str):
        return None
    text = value.strip()
    if match := _NUMBER.fullmatch(text):
        sign, digits, exponent = match.groups()
        if exponent is None:
            return f"It is in quotes, which makes it text: write {text}."
        digits = digits if "." in digits else f"{digits}.0"
        exponent = exponent if exponent[0] in "-+" else f"+{exponent}"
        return f"YAML reads it as text: write {sign}{digits}e{exponent}."
    if _NUMBER.fullmatch(text.replace(",", ".", 1)):
        return f"Write {text.replace(',', '.', 1)}, with a point."
    return None


def mapping(value: object, what: str, remedy: str | None = None) -> dict[str, Any]:
    """The value as a mapping whose keys are text; `what` says what it should be."""
    if not isinstance(value, Mapping):
        raise wrong(f"must be {what}", value, remedy)
    for key in value:
        if not isinstance(key, str):
            raise wrong("every key must be text", key, "Put it in quotes.")
    return {key: plain(item) for key, item in value.items()}


def check_keys(found: Collection[str], required: Sequence[str], optional: Sequence[str]) -> None:
    """Refuse unknown keys, with what was probably meant, and missing ones."""
    problems = Problems()
    allowed = (*required, *optional)
    missing = [key for key in required if key not in found]
    for key in found:
        if key not in allowed:
            guess = near_miss(key, [word for word in allowed if word not in found])
            if guess in missing:
                missing.remove(guess)
            problems.add(*unknown_key(key, guess, allowed), at=key)
    problems.found += [Problem((), f"needs the key {key!r}") for key in missing]
    problems.raise_any()


def unknown_key(
    key: str, guess: str | None, allowed: Collection[str]
) -> tuple[str, str | None, str]:
    """Rule, got and remedy for a key that nobody knows."""
    known = ", ".join(allowed)
    return (
        f"{key!r} is not a key here",
        None,
        f"Did you mean {guess!r}?" if guess else f"The keys are {known}.",
    )


def text(value: object, most: int = 5000) -> str:
    """Printable text of at most `most` characters; line breaks and tabs are allowed."""
    if not isinstance(value, str):
        shown = str(value).lower() if isinstance(value, bool) else value
        quote = isinstance(value, int | float)
        raise wrong("must be text", value, f"Put it in quotes: '{shown}'." if quote else None)
    if len(value) > most:
        raise wrong(f"must be at most {most} characters long", f"{len(value)} characters")
    if bad := [c for c in value if not (c.isprintable() or c in "\n\t")]:
        raise wrong("must be printable text", value, f"Leave out the character {bad[0]!r}.")
    return value


def name(value: object) -> str:
    """A name that is safe as a folder, a tag and a title."""
    word = text(value)
    if not _NAME.fullmatch(word) or ".." in word:
        raise wrong(
            "must be a name of 1 to 100 letters, digits, spaces, '_', '-' and '.', "
            "beginning with a letter or a digit and without '..'",
            word,
        )
    return word


def metric(value: object) -> str:
    """A metric's name, such as ``validation/reconstruction_error``."""
    word = text(value)
    if not _METRIC.fullmatch(word):
        guess = f"validation/{word.rpartition('/')[2]}"
        raise wrong(
            "must be a metric such as train/…, validation/… or test/…",
            word,
            f"Did you mean {guess}?" if _METRIC.fullmatch(guess) else None,
        )
    return word


def one_of(value: object, options: Sequence[str]) -> str:
    """One word out of a fixed list."""
    if isinstance(value, str) and value in options:
        return value
    guess = near_miss(value, options) if isinstance(value, str) else None
    raise wrong(
        f"must be one of {', '.join(options)}", value, f"Did you mean {guess}?" if guess else None
    )


def number(value: object, rule: str) -> float:
    """A finite number, as a float; `rule` says what was asked for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(rule, value, misread(value))
    try:
        found = float(value)
    except OverflowError:  # an integer beyond the floats
        found = math.inf
    if not math.isfinite(found):
        raise wrong(rule, found, "Only finite numbers can be used.")
    return found


def share(value: object) -> float:
    """A share between 0 and 1, both excluded."""
    rule = "must be a share between 0 and 1, both excluded"
    found = number(plain(value), rule)
    if not 0 < found < 1:
        remedy = f"Write {found / 100:g} for {found:g} %." if 1 < found < 100 else None
        raise wrong(rule, found, remedy)
    return found


def integer(value: object, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    rule = f"must be a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, int):
        whole = isinstance(value, float) and value.is_integer()
        raise wrong(rule, value, f"Write {value:.0f}." if whole else misread(value))
    if not low <= value <= high:
        raise wrong(rule, value)
    return value


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        word = str(value).strip().lower()
        meant = {"yes": "true", "on": "true", "true": "true", "1": "true"}.get(word)
        meant = meant or {"no": "false", "off": "false", "false": "false", "0": "false"}.get(word)
        raise wrong("must be true or false", value, f"Write {meant}." if meant else None)
    return value


def distinct(values: Sequence[object], what: str) -> None:
    """Refuse a list of names or numbers that holds one twice, at the second one."""
    problems = Problems()
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            problems.add(f"{what} must be distinct", value, "Leave it out.", at=index)
        seen.add(value)
    problems.raise_any()


def listed(value: object, what: str, remedy: str | None = None) -> list[object]:
    """The value as a list with at least one item; a set is refused, it has no order."""
    items = plain(value)
    if not isinstance(items, list):
        raise wrong(f"must be a list of {what}", value, remedy)
    if not items:
        raise wrong(f"must be a list of at least one of the {what}", items)
    return items
