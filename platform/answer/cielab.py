"""Colours as people tell them apart: CIE 1976 L*a*b* of sRGB colours.

sRGB → linear light (IEC 61966-2-1) → XYZ under D65 → L*, a*, b* (ISO/CIE 11664-4). L* is lightness
from 0 to 100; a* (green to red) and b* (blue to yellow) are 0 for greys. A distance of some 2.3 is
just noticed (Mahy, Van Eycken & Oosterlinck 1994, Color Research & Application 19:105).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip
_WHITE = _XYZ.sum(1)
_KNEE = 6 / 29


def lab(rgb: NDArray[np.floating]) -> Array:
    """L*, a*, b* (…, 3) of sRGB colours (…, 3) from 0 to 1."""
    rgb = np.asarray(rgb, dtype=np.float64)
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    share = light @ (_XYZ / _WHITE[:, None]).T
    root = np.where(share > _KNEE**3, np.cbrt(share), share / (3 * _KNEE**2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def chroma_distance(one: NDArray[np.floating], other: NDArray[np.floating]) -> Array:
    """How far apart the colours of both lie in the a*b* plane, (…) of sRGB (…, 3); L* aside."""
    return np.asarray(np.linalg.norm(lab(one)[..., 1:] - lab(other)[..., 1:], axis=-1))
