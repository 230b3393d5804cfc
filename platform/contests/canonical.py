"""Canonical correlations: directions of two kinds of input that go together, without a network.

With z, z′ both sides at mean 0 and variance 1, and ρ a penalty on their covariances C, C′,

(C + ρI)^(−½) C_zz′ (C′ + ρI)^(−½) = U S Vᵀ

the first d columns of U and V are the directions, S how much they correlate (Hotelling 1936; Vinod
1976, Journal of Econometrics 4:147, for the penalty). Codes are the projections times S, since what
correlates less tells less of the other side (Gong, Ke, Isard & Lazebnik 2014, IJCV 106:210); from
those of z follows what is expected of z′.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .completions import Standard
from .ranks import Array

PENALTIES = (0.1, 0.3, 1.0, 3.0)
"""ρ, where every input has variance 1."""
DIRECTIONS = (10, 30, 100, 300)


@dataclass(frozen=True)
class Side:
    """One side of the directions. project, expect: (W, d), to the codes and back from them."""

    standard: Standard
    project: Array
    expect: Array


@dataclass(frozen=True)
class Canonical:
    """d pairs of directions, and their correlations (d,)."""

    words: str
    sides: tuple[Side, Side]
    correlations: Array

    def code(self, side: int, x: Array) -> Array:
        """(n, d) of inputs (n, W) of that side, 0 or 1."""
        own = self.sides[side]
        return np.asarray(own.standard(x) @ own.project * self.correlations)

    def complete(self, side: int, x: Array) -> Array:
        """What is expected of the other side, (n, W′), from inputs (n, W) of that side."""
        other = self.sides[1 - side]
        z = self.code(side, x) @ other.expect.T
        return other.standard.undone(z)


def fitted(first: Array, second: Array) -> Iterator[Canonical]:
    """For every penalty and number of directions, of training samples (N, W) and (N, W′)."""
    sides = Standard(first), Standard(second)
    z, z2 = sides[0](first), sides[1](second)
    n = len(z)
    spectra = [np.linalg.eigh(x.T @ x / n) for x in (z, z2)]
    between = z.T @ z2 / n
    for penalty in PENALTIES:
        roots = [_powers(*spectrum, penalty) for spectrum in spectra]
        u, s, vt = np.linalg.svd(roots[0][0] @ between @ roots[1][0], full_matrices=False)
        for d in sorted({min(d, len(s)) for d in DIRECTIONS}):
            own = (
                Side(sides[0], roots[0][0] @ u[:, :d], roots[0][1] @ u[:, :d]),
                Side(sides[1], roots[1][0] @ vt[:d].T, roots[1][1] @ vt[:d].T),
            )
            yield Canonical(f"{d} directions, penalty {penalty:g}", own, s[:d])


def _powers(variance: Array, axes: Array, penalty: float) -> tuple[Array, Array]:
    """(C + ρI)^(−½) and (C + ρI)^(½) from the eigenvalues and eigenvectors of C."""
    root = np.sqrt(np.maximum(variance, 0.0) + penalty)
    return (axes / root) @ axes.T, (axes * root) @ axes.T
