"""Grey values as states of binary units: the data of papers that report likelihoods in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

KINDS = ("sampled", "threshold")


def binarised(x: NDArray[np.float32], kind: str, seed: int) -> NDArray[np.float32]:
    """States 0 and 1 of the same shape, the same on every machine.

    Args:
        x: values from 0 to 1.
        kind: ``sampled``, each entry drawn once with its value as probability (Salakhutdinov &
            Murray 2008), or ``threshold``, 1 from a half upwards.
        seed: of the draws.

    Raises:
        DataError: values that are no probabilities.
    """
    if x.min() < 0 or x.max() > 1:
        found = f"a range from {x.min():g} to {x.max():g}"
        raise DataError("data.binarise", "needs values from 0 to 1", found)
    if kind == "threshold":
        return (x >= 0.5).astype(np.float32)
    draws = np.random.default_rng(seed).random(x.shape, dtype=np.float32)
    return (draws < x).astype(np.float32)
