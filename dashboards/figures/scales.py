"""Where a hyperparameter's values stand on an axis: linear, logarithmic with a zero, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..wording import value_text
from .style import plain

LETTER = 7 / 260
"""Share of a panel's width that a letter of a tick's label takes."""


@dataclass(frozen=True)
class Scale:
    """Where each value stands, how its tick reads, and where the axis is broken before a zero."""

    values: tuple[Any, ...]
    positions: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool
    gap: float | None = None
    named: bool = False
    """Whether the values are names, with nothing between two of them."""

    def at(self, value: Any) -> float:
        """The position of one of ``values``."""
        return self.positions[self.values.index(value)]


def scale(values: Sequence[Any], log: bool) -> Scale:
    """The scale of the distinct ``values``, sorted.

    Text stands at 0, 1, 2, …, in the order of the numbers in it: [300] before [1000, 250]. On a
    logarithmic axis the positions are log₁₀; zero has none, so it stands left of the smallest value
    by one of the axis's usual steps, behind a break at ``gap``. Negative values make it linear.
    """
    distinct = list(dict.fromkeys(values))
    if any(isinstance(value, str) for value in distinct):
        names = tuple(sorted(distinct, key=_natural))
        places = tuple(map(float, range(len(names))))
        return Scale(names, places, tuple(map(str, names)), False, named=True)
    numbers = sorted(float(value) for value in distinct)
    labels = tuple(value_text(value) for value in numbers)
    positive = [value for value in numbers if value > 0]
    if not log or numbers[0] < 0 or not positive:
        return Scale(tuple(numbers), tuple(numbers), labels, False)
    logs = [float(np.log10(value)) for value in positive]
    if numbers[0] > 0:
        return Scale(tuple(numbers), tuple(logs), labels, True)
    step = max(float(np.median(np.diff(logs))), 0.25) if len(logs) > 1 else 1.0
    zero = logs[0] - step
    return Scale(tuple(numbers), (zero, *logs), labels, True, gap=zero + step / 2)


def _natural(value: Any) -> tuple[list[float], str]:
    """What to sort text by: the numbers in it, then its letters."""
    text = str(value)
    return [float(digits) for digits in re.findall(r"\d+", text)], text


def ticks(along: Scale, most: int = 8) -> dict[str, Any]:
    """Tick settings of a Plotly axis: at the values while they are few, else at round numbers.

    Values nearer to one another than a fifteenth of the axis share the first one's tick, and so do
    those whose labels would touch in a panel of 260 pixels, rather than being turned aslant.
    """
    pairs = list(zip(along.positions, along.labels, strict=True))
    if len(pairs) > most and not along.log:
        return {}
    if len(pairs) > most:
        zero = pairs[:1] if along.gap is not None else []
        first = along.positions[len(zero)]
        decades = range(int(np.floor(first)), int(np.ceil(along.positions[-1])) + 1)
        pairs = zero + [(float(d), value_text(10.0**d)) for d in decades if d >= first - 0.05]
    reach = along.positions[-1] - along.positions[0]
    kept: list[tuple[float, str]] = []
    for position, label in pairs:
        # A name is never left out: nothing tells what it would be.
        letters = 0.0 if along.named or not kept else (len(label) + len(kept[-1][1])) / 2 + 1
        if not kept or position - kept[-1][0] >= reach * max(1 / 15, letters * LETTER):
            kept.append((position, label))
    return {
        "tickmode": "array",
        "tickvals": [position for position, _ in kept],
        "ticktext": [plain(label) for _, label in kept],
    }
