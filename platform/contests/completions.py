"""One modality from the other without a network: what completing networks have to beat.

means           the training samples' mean, whatever is given: of tags, their frequency
neighbours      the mean of the k training samples that are nearest by what is given, and among
                tags that as many of them have, the more frequent first
ridge           ŷ = ȳ + (x − x̄)B, with the penalty α on B (Hoerl & Kennard 1970)
kernel ridge    the same by exp(−γ‖x − x′‖²) (Saunders, Gammerman & Vovk 1998, ICML)

All but the first read inputs at mean 0 and variance 1; neighbours as given too, if that is better.
Their numbers (k, α, γ) are those that serve best on validation samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from .ranks import Array

Completion = Callable[[Array], Array]
"""What is given (n, V) → what is expected of the other modality (n, W)."""
Merit = Callable[[Array], float]
"""How good a completion of the validation samples (n, W) is; more is better."""

NEIGHBOURS = (1, 2, 3, 4, 5, 7, 10, 15, 20)
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
"""α, in samples: inputs have variance 1."""
WIDTHS = (0.5, 1.5, 4.5)
"""γ times the median of ‖x − x′‖²."""
KERNEL_PENALTIES = (0.03, 0.1, 0.3)
# So small that it never outweighs a neighbour.
_TIE = 1e-6


class Chosen(NamedTuple):
    """A completion, and in words the numbers that were chosen for it."""

    complete: Completion
    words: str


class Standard:
    """x ↦ (x − mean)/deviation of the training samples (N, V); 0 where an input never varies."""

    def __init__(self, train: Array) -> None:
        self.mean = train.mean(0)
        deviation = train.std(0)
        varies = train.min(0) < train.max(0)
        self.deviation = np.where(varies, deviation, 0.0)
        self.factor = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)

    def __call__(self, x: Array) -> Array:
        """(n, V)."""
        return np.asarray((x - self.mean) * self.factor)

    def undone(self, z: Array) -> Array:
        """The inputs (n, V) that these numbers stand for."""
        return np.asarray(self.mean + z * self.deviation)


def means(wanted: Array) -> Completion:
    """From the training samples' other modality (N, W)."""
    mean = wanted.mean(0)
    return lambda x: np.tile(mean, (len(x), 1))


def neighbours(given: Array, wanted: Array, validation: Array, merit: Merit) -> Chosen:
    """From training samples (N, V) and their other modality (N, W)."""
    standard = Standard(given)
    found: list[tuple[float, Chosen]] = []
    for words, read in (("as given", lambda x: x), ("at variance 1", standard)):
        nearest = order(read(validation), read(given))[:, : max(NEIGHBOURS)]
        for k in NEIGHBOURS:
            if k <= len(given):
                worth = merit(voted(nearest[:, :k], wanted))

                def complete(x: Array, read: Completion = read, k: int = k) -> Array:
                    return voted(order(read(x), read(given))[:, :k], wanted)

                found.append((worth, Chosen(complete, f"{k} nearest, inputs {words}")))
    return _best(found)


def ridge(given: Array, wanted: Array, validation: Array, merit: Merit) -> Chosen:
    """From training samples (N, V) and their other modality (N, W)."""
    standard, mean = Standard(given), wanted.mean(0)
    z = standard(given)
    variance, axes = np.linalg.eigh(z.T @ z)
    onto = axes.T @ (z.T @ (wanted - mean))

    def fitted(penalty: float) -> Completion:
        weight = axes @ (onto / (np.maximum(variance, 0.0) + penalty)[:, None])
        return lambda x: np.asarray(mean + standard(x) @ weight)

    options = ((f"penalty {alpha:g}", fitted(alpha)) for alpha in PENALTIES)
    return best_of(options, validation, merit)


def kernel_ridge(given: Array, wanted: Array, validation: Array, merit: Merit) -> Chosen:
    """From training samples (N, V) and their other modality (N, W)."""
    standard, mean = Standard(given), wanted.mean(0)
    z = standard(given)
    apart = squared_distances(z, z)
    median = float(np.median(apart)) or 1.0

    def all_fitted() -> Iterable[tuple[str, Completion]]:
        for width in WIDTHS:
            gamma = width / median
            variance, axes = np.linalg.eigh(np.exp(-gamma * apart))
            onto = axes.T @ (wanted - mean)
            for penalty in KERNEL_PENALTIES:
                dual = axes @ (onto / (np.maximum(variance, 0.0) + penalty)[:, None])

                def complete(x: Array, gamma: float = gamma, dual: Array = dual) -> Array:
                    kernel = np.exp(-gamma * squared_distances(standard(x), z))
                    return np.asarray(mean + kernel @ dual)

                yield f"width {width:g}, penalty {penalty:g}", complete

    return best_of(all_fitted(), validation, merit)


def order(queries: Array, among: Array) -> np.ndarray:
    """(q, n) the rows of ``among`` (n, V) by their distance from each query (q, V), stably."""
    return np.argsort(squared_distances(queries, among), axis=1, kind="stable")


def squared_distances(x: Array, y: Array) -> Array:
    """‖x_i − y_j‖², (n, m), from (n, V) and (m, V)."""
    square = np.square(x).sum(1)[:, None] - 2 * x @ y.T + np.square(y).sum(1)
    return np.asarray(np.maximum(square, 0.0))


def voted(nearest: np.ndarray, wanted: Array) -> Array:
    """The mean (n, W) of the rows (n, k) of ``wanted`` (N, W), ties decided by the mean of all."""
    return np.asarray(wanted[nearest].mean(1) + _TIE * wanted.mean(0))


def best_of(options: Iterable[tuple[str, Completion]], validation: Array, merit: Merit) -> Chosen:
    """The one that serves best on validation samples (m, V); of equals the first."""
    return _best([(merit(done(validation)), Chosen(done, words)) for words, done in options])


def _best(found: list[tuple[float, Chosen]]) -> Chosen:
    return max(found, key=lambda one: one[0])[1]
