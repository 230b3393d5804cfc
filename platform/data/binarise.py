"""Grey values as states of binary units: the data of papers that report likelihoods in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

KINDS = ("sampled", "threshold")


# No table of draws as large as the split.
_BLOCK_BYTES = 1 << 24


def apply(x: NDArray[np.float32], kind: str, seed: int) -> None:
    """Make states 0 and 1 of the values, where they stand, the same on every machine.

    Args:
        x: values from 0 to 1, of any shape.
        kind: ``sampled``, each entry drawn once with its value as probability (Salakhutdinov &
            Murray 2008), or ``threshold``, 1 from a half upwards.
        seed: of the draws.

    Raises:
        DataError: values that are no probabilities.
    """
    if x.min() < 0 or x.max() > 1:
        found = f"a range from {x.min():g} to {x.max():g}"
        raise DataError("data.binarise", "needs values from 0 to 1", found)
    draws = np.random.default_rng(seed)
    block = max(1, _BLOCK_BYTES * len(x) // max(1, x.nbytes))
    for start in range(0, len(x), block):
        part = x[start : start + block]
        if kind == "threshold":
            part[...] = part >= 0.5
        else:
            # One after another they are the draws of a single call.
            part[...] = draws.random(part.shape, dtype=np.float32) < part
