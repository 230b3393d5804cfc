"""What a study's terms do to the numbers of the splits, where they stand, some rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import binarise, scale
from .scale import Scaling
from .source import DataSource


def adjust(splits: Sequence[NDArray[np.float32]], source: DataSource) -> Scaling | None:
    """Scale and binarise train, validation and test in place; returns how they were scaled.

    splits: (n, visible) each, in that order. Raises DataError for values that cannot be binarised.
    """
    scaling = None
    if source.scale is not None:
        scaling = scale.fitted(splits[0], source.scale)
        for x in splits:
            scale.apply(x, scaling, source.scale)
    if source.binarise is not None:
        # A seed of its own for each split, so that a share changes no other split's draws.
        for number, x in enumerate(splits):
            binarise.apply(x, source.binarise, 3 * source.split_seed + number)
    return scaling
