"""What every use has: a name, settings with defaults, data that it can serve, and a look."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Self

from ..study import validation as rules

if TYPE_CHECKING:
    from ..data import DataSet
    from .findings import Findings
    from .trained import Trained


@dataclass(frozen=True)
class Use(ABC):
    """One use; its settings are the fields of a frozen dataclass, each with a default.

    Settings are checked in ``__post_init__``, by the rules of :mod:`..study.validation`, each under
    its own name.
    """

    name: ClassVar[str]
    """As a study writes it; also the file's name, and the first part of its measures' names."""

    @classmethod
    def read(cls, value: object) -> Self:
        """The use with the settings that a study writes for it.

        Raises:
            StudyError: unknown settings, or values out of their range.
        """
        written = rules.mapping({} if value is None else value, "a mapping of settings")
        rules.check_keys(written, [], [field.name for field in fields(cls)])
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The use as a study writes it, with the settings that differ from their defaults."""
        said = {
            field.name: rules.plain(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }
        return {self.name: said}

    @abstractmethod
    def check(self, data: DataSet) -> None:
        """Whether these data can be used so, asked before anything trains.

        Raises:
            DataError: they lack what it needs, such as labels or images.
        """

    @abstractmethod
    def look(self, trained: Trained) -> Findings:
        """Measure the networks and their controls, and show what they do."""
