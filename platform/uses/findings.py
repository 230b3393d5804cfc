"""What a look at finished networks found: numbers for each contestant and seed, and things to see.

A contestant is a network of the study, called by its stage, another way to score that network
(``stage/scorer``), or a control that needs no such network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..answer.inside_entries import Inside


@dataclass(frozen=True)
class Contestant:
    """One of those that are compared, and its number for each seed.

    name: how claims call it. label: how people read it. control: whether it needs no network of the
    study. values: seed → number; where no seed matters, the same for each.
    """

    name: str
    label: str
    control: bool
    values: Mapping[int, float]

    @classmethod
    def fixed(cls, name: str, label: str, value: float, seeds: Sequence[int]) -> Contestant:
        """A control that depends on no seed."""
        return cls(name, label, True, dict.fromkeys(seeds, value))


@dataclass(frozen=True)
class Measured:
    """One measure of all contestants.

    name: ``use/measure``. label, unit: in words. better: which way is.
    """

    name: str
    label: str
    unit: str
    better: Literal["higher", "lower"]
    contestants: tuple[Contestant, ...]

    def mapping(self) -> dict[str, object]:
        """Plain values, for the record."""
        return {
            "name": self.name,
            "label": self.label,
            "unit": self.unit,
            "better": self.better,
            "contestants": [
                {
                    "name": one.name,
                    "label": one.label,
                    "control": one.control,
                    "values": {str(seed): float(value) for seed, value in one.values.items()},
                }
                for one in self.contestants
            ],
        }


@dataclass
class Findings:
    """Measures, what there is to see and hear (``inside``), and sentences computed from both."""

    measures: list[Measured] = field(default_factory=list)
    inside: Inside = field(default_factory=Inside)
    said: list[str] = field(default_factory=list)
