"""Colour for grey images, by a network that learned colour images from their grey versions.

Y = 0.299 R + 0.587 G + 0.114 B                     luma (ITU-R BT.601)
R̂ = Y + (r_R − Y(r)), and so on for G and B         the network's chroma around the given luma

The network sees the grey image on all three planes; of its reconstruction r only the differences
from its own luma are taken, so that every edge of the given image stays where it is. The idea is
that of Zhang, Isola & Efros 2016, ECCV, Colorful image colorization, where a network is asked for
chroma alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError

LUMA = (0.299, 0.587, 0.114)
PLANES = len(LUMA)


def luma(rgb: NDArray[np.floating]) -> NDArray[np.floating]:
    """Y (N, P) of images of three planes (N, 3 P)."""
    planes_N3P = rgb.reshape(len(rgb), PLANES, -1)
    weight_3 = np.asarray(LUMA, dtype=rgb.dtype)
    return np.asarray(np.einsum("ncp,c->np", planes_N3P, weight_3))


def colourise(
    grey: ArrayLike, visible: int, reconstruct: Callable[[NDArray[np.float64]], ArrayLike]
) -> NDArray[np.float32]:
    """Images of three planes (N, 3 P) from 0 to 1 with the luma (N, P) that is given.

    Where the colour leaves the range it is clipped, which is the only place where luma changes.

    Args:
        grey: luma (N, P), from 0 to 1.
        visible: 3 P, what the network reads.
        reconstruct: what the network makes of images on three planes (N, 3 P).

    Raises:
        InputError: images of another size, or numbers outside 0 to 1.
    """
    if visible % PLANES:
        raise InputError("colourise", "needs a network of three planes", f"{visible} inputs")
    try:
        y_NP = np.asarray(grey, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError("colourise", "needs a matrix of numbers", str(error)) from error
    if y_NP.ndim != 2 or y_NP.shape[1] != visible // PLANES:
        rule = f"needs grey images of {visible // PLANES} pixels, (N, {visible // PLANES})"
        raise InputError("colourise", rule, y_NP.shape)
    # NaN is in no range.
    if not ((y_NP >= 0) & (y_NP <= 1)).all():
        outside = y_NP[~((y_NP >= 0) & (y_NP <= 1))][0]
        raise InputError("colourise", "needs luma from 0 to 1", float(outside))
    seen = np.asarray(reconstruct(np.tile(y_NP, PLANES)), dtype=float)
    shift_NP = y_NP - luma(seen)
    coloured = np.clip(seen + np.tile(shift_NP, PLANES), 0.0, 1.0)
    return np.asarray(coloured, dtype=np.float32)
