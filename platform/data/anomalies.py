"""Labels as normal or anomalous, and a training split that holds (almost) only normal samples.

The protocol of one-class learning: train on normal samples, test on both. Normal samples are split
as ever; anomalies are in test, but for those let into training, since who collects data can rarely
keep them all out. That share, the contamination, is of the training samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...models.errors import near_miss
from ..errors import DataError
from .split import Groups, Rows, in_turn

Flags = NDArray[np.bool_]

_MOST_NAMED = 12


def flags(
    name: str, labels: NDArray[Any] | None, wanted: Sequence[str | int | float]
) -> NDArray[np.bool_]:
    """(n,) whether a sample has one of the ``wanted`` labels.

    Raises DataError without labels, for a label that there is none of, and when nothing or
    everything is anomalous.
    """
    if labels is None:
        remedy = "Name their column, {label: …}, or leave out anomalous"
        raise DataError("data.anomalous", "needs labels", f"{name} has none", remedy)
    there = np.unique(labels)
    # 4, 4.0 and "4" are one label to whoever writes a study.
    written = {_word(label): label for label in there.tolist()}
    for label in wanted:
        if _word(label) not in written:
            guess = near_miss(_word(label), written)
            shown = [*written][:_MOST_NAMED]
            known = ", ".join(shown) + (", …" if len(written) > len(shown) else "")
            remedy = f"Did you mean {guess}? There are {known}" if guess else f"There are {known}"
            raise DataError("data.anomalous", f"must be labels of {name}", label, remedy)
    found = np.isin(labels, [written[_word(label)] for label in wanted])
    if found.all():
        remedy = "Leave out those that are normal"
        raise DataError("data.anomalous", "must leave normal samples", "every label", remedy)
    return found


def held_apart(odd: Flags, groups: Groups | None) -> Flags:
    """(n,) whether a sample is kept from training: an anomaly, or from the group of one."""
    return odd if groups is None else np.isin(groups, groups[odd])


def let_in(odd: Rows, training: int, share: float, groups: Groups | None = None) -> Rows:
    """Those of the ``odd`` rows that go into training, the first ones.

    training: normal training samples. share: of all training samples, from 0 to below 1. Whole
    groups go in, as long as the share is not passed. Raises DataError when that leaves no anomaly
    for the test.
    """
    count = round(training * share / (1 - share))
    if groups is not None:
        odd, count = _whole_groups(odd, count, groups)
    if count >= len(odd) and count:
        most = max(0, len(odd) - 1) / (training + max(0, len(odd) - 1))
        got = f"{count} of {len(odd)} anomalies in training"
        rule, remedy = "must leave anomalies for the test", f"Write {most:.3f} or less"
        raise DataError("data.contamination", rule, got, remedy)
    return odd[:count]


def _whole_groups(odd: Rows, count: int, groups: Groups) -> tuple[Rows, int]:
    turns = in_turn(odd, groups)
    parts = [odd[groups[odd] == group] for group in turns]
    sizes = np.cumsum([len(part) for part in parts])
    whole = int(np.searchsorted(sizes, count, side="right"))
    return np.concatenate(parts), int(sizes[whole - 1]) if whole else 0


def _word(label: object) -> str:
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(int(label)) if isinstance(label, bool) else str(label)
