"""The labels of a table in parts: one column, read before its inputs and held in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import parquet
from .columns import as_labels
from .parts import PartedTable

_MOST_ROWS = 1 << 16


def labels_of(table: PartedTable) -> NDArray[Any] | None:
    """(rows,) labels as :func:`.parquet.read` gives them; None of a table without.

    Raises DataError for one that is missing.
    """
    if table.label is None:
        return None
    found: list[NDArray[Any]] = []
    # Every word once: a table has millions of labels and some dozens of classes.
    known: dict[object, int] = {}
    words = False
    for file in table.files:
        for block in parquet.label_blocks(file.path, table.label, _MOST_ROWS):
            if isinstance(block, np.ndarray):
                found.append(block)
            elif all(isinstance(value, float) for value in block):
                found.append(np.array(block, dtype=np.float64))
            else:
                words = True
                places = [known.setdefault(str(value), len(known)) for value in block]
                found.append(np.array(places, dtype=np.int32))
    together: NDArray[Any] = np.concatenate(found)
    if words:
        told: NDArray[Any] = as_labels([str(word) for word in known])[together]
        return told
    if together.dtype.kind == "f" and not np.isfinite(together).all():
        # Where one is none, numbers are words.
        each, back = np.unique(together, return_inverse=True)
        together = as_labels([str(value) for value in each.tolist()])[back]
    return together
