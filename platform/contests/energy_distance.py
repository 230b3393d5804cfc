"""How far two samples are from one distribution.

D² = 2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖

(Székely & Rizzo 2013, Journal of Statistical Planning and Inference 143:1249.) It is 0 only for one
and the same distribution, and has nothing to choose, such as the width of a kernel.
"""

from __future__ import annotations

import numpy as np

# Distances held at once, which bounds memory at 64 MiB.
_MOST_AT_ONCE = 2**23


def energy_distance(first: np.ndarray, second: np.ndarray) -> float:
    """D² of samples (n, V) and (m, V), 0 or more, in the data's units.

    Means are over all pairs, a sample with itself among them, so that it is the distance of the
    two sets of points; of two sets from one distribution it is about E‖X − X′‖ (1/n + 1/m).
    """
    between = _mean_distance(first, second)
    return 2 * between - _mean_distance(first, first) - _mean_distance(second, second)


def _mean_distance(first: np.ndarray, second: np.ndarray) -> float:
    first, second = (np.asarray(x, dtype=np.float64) for x in (first, second))
    rows = max(1, _MOST_AT_ONCE // max(1, second.size))
    total = 0.0
    for start in range(0, len(first), rows):
        apart = first[start : start + rows, None] - second
        total += float(np.sqrt(np.square(apart).sum(-1)).sum())
    return total / (len(first) * len(second))
