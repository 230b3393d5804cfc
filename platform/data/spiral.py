"""6 000 points along a spiral in the plane, drawn from a density that is known exactly.

A curve is the least that may be called a manifold: what a network makes of it can be drawn, and its
field can be held against the true one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .density import Mixture
from .source import Samples

NAME = "spiral"
SHAPE = "2 coordinates of a point near a spiral, from about −5 to 5"
SAMPLES = 6000
LICENCE = "none needed: numbers that layerwise computes"
SOURCE = "drawn by layerwise from a mixture of 400 Gaussians along a spiral, from a fixed seed"
REMEDY = "Install layerwise anew"

CENTRES = 400
TURNS = 1.5
SPREAD = 0.15
"""Standard deviation across the curve; two turns are 2.4 apart."""
INNERMOST, OUTERMOST = 0.8, 4.4
"""Radius at both ends of the curve."""

_SEED = 20140111
_STEP = 2.0**-14


def where() -> Path:
    """The file that draws it."""
    return Path(__file__)


def density() -> Mixture:
    """The density of the points: Gaussians at even distances along r = a + bφ."""
    # The length of the curve as a function of its angle, turned round to find even distances.
    fine = np.linspace(0, 1, 100 * CENTRES)
    x = _curve(fine)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(x, axis=0).T))])
    even = (np.arange(CENTRES) + 0.5) / CENTRES * length[-1]
    return Mixture(_curve(np.interp(even, length, fine)), SPREAD)


def read() -> Samples:
    """All points, the same on every machine."""
    mixture = density()
    x = mixture.samples(SAMPLES, np.random.default_rng(_SEED))
    # To 2⁻¹⁴, so that a sine that is rounded otherwise elsewhere makes no other data.
    return Samples(np.round(x / _STEP) * _STEP, features=("x", "y"), density=mixture)


def _curve(share: np.ndarray) -> np.ndarray:
    """Points (n, 2) at shares (n,) of the angle, from the innermost."""
    radius = INNERMOST + (OUTERMOST - INNERMOST) * share
    angle = 2 * np.pi * TURNS * share
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
