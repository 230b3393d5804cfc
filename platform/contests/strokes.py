"""What a person sees of a stroke at a glance, as numbers: how it leans and how much ink it has.

With the ink as a weight, x to the right and y downwards, both from their means, a sheared stroke
has E[xy] ≠ 0, and tan(slant) = −E[xy] / E[y²]: by such moments digits were straightened before they
were read (LeCun, Bottou, Bengio & Haffner 1998, Proceedings of the IEEE 86:2278).
"""

from __future__ import annotations

import numpy as np


def slant(images: np.ndarray) -> np.ndarray:
    """Degrees by which images (n, h, w) lean, (n,), −90 to 90, positive to the right like /.

    Ink below 0 counts as none; 0 for an image without ink or without height.
    """
    ink = np.clip(np.asarray(images, dtype=np.float64), 0, None)
    height, width = ink.shape[1:]
    total = ink.sum((1, 2))
    ink = ink / np.where(total > 0, total, 1.0)[:, None, None]
    x, y = np.arange(width), np.arange(height)[:, None]
    away_x = x - (ink * x).sum((1, 2))[:, None, None]
    away_y = y - (ink * y).sum((1, 2))[:, None, None]
    across = (ink * away_x * away_y).sum((1, 2))
    down = (ink * away_y**2).sum((1, 2))
    lean = np.where(down > 0, -across / np.where(down > 0, down, 1.0), 0.0)
    return np.degrees(np.arctan(lean))


def ink(images: np.ndarray) -> np.ndarray:
    """Mean of images (n, h, w), (n,), in the data's units; below 0 counts as none."""
    return np.asarray(np.clip(images, 0, None).mean((1, 2)), dtype=np.float64)
