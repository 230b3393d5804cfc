"""How a folder's files become rows, as a study writes it: ``image: {…}``, ``sound: {…}``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, Self

from . import validation as rules
from .validation import Problems

COLOURS = ("grey", "rgb")


@dataclass(frozen=True)
class FolderTerms(ABC):
    """Whole numbers with a range each, and what else a folder's files need."""

    ranges: ClassVar[dict[str, tuple[int, int]]] = {}

    def __post_init__(self) -> None:
        problems = Problems()
        for name, (low, high) in self.ranges.items():
            with problems.under(name):
                number = rules.integer(rules.plain(getattr(self, name)), low, high)
                object.__setattr__(self, name, number)
        if not problems.found:
            self._check(problems)
        problems.raise_any()

    @abstractmethod
    def _check(self, problems: Problems) -> None:
        """Note what is wrong beyond the ranges."""

    @classmethod
    def of(cls, value: object) -> Self:
        """The terms from what a study writes, a mapping; what is left out has its default."""
        if isinstance(value, cls):
            return value
        keys = [field.name for field in fields(cls)]
        written = rules.mapping(value, f"a mapping with {', '.join(keys)}")
        rules.check_keys(written, [], keys)
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The terms as a study writes them."""
        return dict(vars(self))


@dataclass(frozen=True)
class ImageTerms(FolderTerms):
    """How a folder of images becomes rows.

    Args:
        size: side of the square that every image becomes, 4 to 512 pixels.
        colour: ``grey``, one plane, or ``rgb``, three.

    Raises:
        StudyError: anything else.
    """

    size: int = 32
    colour: str = "grey"
    ranges: ClassVar[dict[str, tuple[int, int]]] = {"size": (4, 512)}

    def _check(self, problems: Problems) -> None:
        with problems.under("colour"):
            rules.one_of(self.colour, COLOURS)


@dataclass(frozen=True)
class SoundTerms(FolderTerms):
    """How a folder of WAV files becomes rows, each of some windows of a clip's spectrum.

    Args:
        rate: that every clip is brought to, 1000 to 192000 samples a second.
        window: of the transform, a power of two from 32 to 8192 samples.
        hop: from one window to the next, 1 sample to half a window.
        frames: successive windows in a row, 1 to 64.

    Raises:
        StudyError: anything else.
    """

    rate: int = 8000
    window: int = 256
    hop: int = 64
    frames: int = 1
    ranges: ClassVar[dict[str, tuple[int, int]]] = {
        "rate": (1000, 192_000),
        "window": (32, 8192),
        "hop": (1, 4096),
        "frames": (1, 64),
    }

    def _check(self, problems: Problems) -> None:
        if self.window & (self.window - 1):
            below = 1 << (self.window.bit_length() - 1)
            remedy = f"Write {below} or {2 * below}."
            problems.add("must be a power of two", self.window, remedy, at="window")
        if 2 * self.hop > self.window:
            rule = "must be at most half of window, or no sound can be made of the rows"
            problems.add(rule, self.hop, f"Write {self.window // 4}.", at="hop")
