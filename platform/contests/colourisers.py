"""Rules that give grey images colours, none of them a network: what a network has to beat.

Each is fitted to training images on three planes (N, 3 P), and gives the chroma x − L x, (M, 3 P),
of images of which only the luma (M, P) is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...models.colouring import PLANES, luma

Array = NDArray[np.float64]
Colouriser = Callable[[Array], Array]
"""Luma (M, P) to chroma (M, 3 P)."""

STRENGTHS = tuple(10.0**power for power in range(-4, 10))
LARGEST = 2048
"""Training images that ridge regression is fitted to at most, the first ones of the training."""


def parted(rgb: NDArray[np.floating]) -> tuple[Array, Array]:
    """Luma (N, P), from 0 to 1, and chroma (N, 3 P) of images (N, 3 P)."""
    x = np.asarray(rgb, dtype=np.float64)
    grey = np.clip(luma(x), 0.0, 1.0)
    return grey, x - np.tile(grey, PLANES)


def coloured(grey: Array, chroma: Array) -> Array:
    """Images (N, 3 P) of luma and chroma, clipped to 0 … 1."""
    return np.clip(np.tile(grey, PLANES) + chroma, 0.0, 1.0)


def mean_chroma(train: NDArray[np.floating]) -> Colouriser:
    """One colour for every pixel: the mean chroma of all training pixels."""
    _, chroma = parted(train)
    mean = np.repeat(chroma.reshape(len(chroma), PLANES, -1).mean((0, 2)), train.shape[1] // PLANES)
    return lambda grey: np.tile(mean, (len(grey), 1))


def nearest(train: NDArray[np.floating]) -> Colouriser:
    """The chroma of the training image whose luma is nearest."""
    from sklearn.neighbors import NearestNeighbors

    known, chroma = parted(train)
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(known)
    return lambda grey: np.asarray(chroma[found.kneighbors(grey, return_distance=False)[:, 0]])


@dataclass(frozen=True, eq=False)
class Ridge:
    """Linear regression of chroma on luma: C = (Y − ȳ) B + c̄, B = (YᵀY + strength · 1)⁻¹ YᵀC.

    With Y and C about their means (Hoerl & Kennard 1970, Technometrics 12:55). Solved once for
    every strength, by the eigenvectors of YᵀY, or of YYᵀ where there are fewer images than pixels.
    """

    luma: Array
    chroma: Array
    left: Array
    values: Array
    right: Array

    @classmethod
    def of(cls, train: NDArray[np.floating]) -> Ridge:
        """Of the training images (N, 3 P), at most the first :data:`LARGEST`."""
        grey, chroma = parted(train[:LARGEST])
        y, c = grey - grey.mean(0), chroma - chroma.mean(0)
        if len(y) < y.shape[1]:
            values, vectors = np.linalg.eigh(y @ y.T)
            left, right = y.T @ vectors, vectors.T @ c
        else:
            values, vectors = np.linalg.eigh(y.T @ y)
            left, right = vectors, vectors.T @ (y.T @ c)
        return cls(grey.mean(0), chroma.mean(0), left, np.maximum(values, 0.0), right)

    def at(self, strength: float) -> Colouriser:
        """The rule with that strength, above 0, in squared units of luma."""

        def rule(grey: Array) -> Array:
            code = (grey - self.luma) @ self.left / (self.values + strength)
            return np.asarray(code @ self.right + self.chroma)

        return rule
