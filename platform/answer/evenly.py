"""Some of many samples, always the same ones."""

from __future__ import annotations

import numpy as np


def evenly(length: int, most: int) -> np.ndarray:
    """Indices of at most that many of ``length`` samples, at even distances from the first on."""
    return np.arange(length) if length <= most else np.arange(most) * length // most
