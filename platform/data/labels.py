"""Labels as class numbers: from 0, in the order of the labels, the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# More distinct labels than this are measurements or names, not classes.
MOST_CLASSES = 1000


def classes(labels: Mapping[str, NDArray[Any]]) -> tuple[Any, ...]:
    """The distinct labels of all splits in order, each a number or a word; none if no classes.

    Whole numbers and words are classes, up to ``MOST_CLASSES`` of them; other numbers are not.
    """
    together = np.concatenate([np.asarray(array) for array in labels.values()])
    if together.dtype.kind == "f" and not np.array_equal(together, np.round(together)):
        return ()
    found = np.unique(together)
    return tuple(found.tolist()) if len(found) <= MOST_CLASSES else ()


def class_numbers(labels: NDArray[Any], classes: tuple[Any, ...]) -> NDArray[np.int64]:
    """(n,) the place of each label in ``classes``."""
    return np.searchsorted(np.asarray(classes), labels).astype(np.int64)
