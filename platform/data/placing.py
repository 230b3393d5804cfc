"""The rows of a table, block after block, put where the split says: none is held for longer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .split import Rows

_NOWHERE = -1


def fill(
    where: str,
    splits: Sequence[NDArray[np.float32]],
    allotted: Sequence[Rows],
    rows: int,
    blocks: Iterable[NDArray[np.float32]],
) -> None:
    """Put row ``allotted[s][i]`` of the table into ``splits[s][i]``, for every split s and place i.

    Args:
        where: the table, in an error.
        splits: (n, visible) each, written to.
        allotted: (n,) row numbers for each of them, no row twice; rows that are in none are left.
        rows: of the whole table.
        blocks: (m, visible) each, one after another the table.

    Raises:
        DataError: the blocks do not have so many rows together.
    """
    # One number says both: places of all splits one after another.
    place = np.full(rows, _NOWHERE, np.int64)
    starts = np.cumsum([0, *(len(own) for own in allotted)])
    for start, own in zip(starts, allotted, strict=False):
        place[own] = np.arange(start, start + len(own))
    first = 0
    for block in blocks:
        places = place[first : first + len(block)]
        first += len(block)
        if first > rows:
            break
        for (start, end), split in zip(pairwise(starts), splits, strict=True):
            [here] = np.nonzero((places >= start) & (places < end))
            # In the order of their places, so that neighbours on the disk are written together.
            here = here[np.argsort(places[here])]
            split[places[here] - start] = block[here]
    if first != rows:
        rule, remedy = f"must have {rows} rows, as it says", "Check that nobody writes to it"
        raise DataError(where, rule, f"{'more' if first > rows else first}", remedy)
