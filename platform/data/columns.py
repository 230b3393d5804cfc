"""What the columns of a table are: inputs with a name each, and maybe one of labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...models.errors import near_miss
from ..errors import DataError

_MOST_NAMED = 12
# What Python takes for a number though who wrote it had a name in mind.
_NO_NUMBER = re.compile(r"[-+]?0[0-9]|.*_")


@dataclass(frozen=True, eq=False)
class Columns:
    """x: (samples, inputs) numbers. names: of the inputs, or none. labels: (samples,), or None."""

    x: NDArray[Any]
    names: tuple[str, ...] = ()
    labels: NDArray[Any] | None = None


def place_of(where: str, label: str, names: Sequence[str]) -> int:
    """The place of the column ``label`` among ``names``.

    Raises DataError when there is none, or more than one.
    """
    found = [place for place, name in enumerate(names) if name == label]
    if len(found) == 1:
        return found[0]
    if found:
        rule, remedy = "must be the name of one column", "Give each column a name of its own"
        raise DataError("data.label", rule, f"{label}, {len(found)} times in {where}", remedy)
    guess = near_miss(label, names)
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    remedy = f"Did you mean {guess}?" if guess else f"Its columns are {shown}"
    raise DataError("data.label", f"must be a column of {where}", label, remedy)


def as_labels(words: Sequence[str]) -> NDArray[Any]:
    """(n,) whole numbers where every word is one, numbers where all are numbers, else the words.

    A word that merely looks like one, such as 007 or 1_000, is none.
    """
    if not any(_NO_NUMBER.match(word) for word in words):
        try:
            return np.array([int(word) for word in words], dtype=np.int64)
        except (ValueError, OverflowError):
            pass
        try:
            numbers = np.array([float(word) for word in words])
        except ValueError:
            pass
        else:
            if np.isfinite(numbers).all():
                return numbers
    return np.array(words)
