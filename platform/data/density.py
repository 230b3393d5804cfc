"""Densities that are known exactly: what a network has learned can be held against them.

p(x) = (1/K) Σ_k N(x; c_k, s²I)

Its score is the mean of the ways to the centres, each weighted by how likely x is from there:

∂ log p(x)/∂x = Σ_k p(k | x) (c_k − x) / s²

Gaussian noise of level σ on top makes of it the same mixture with s² + σ² in the place of s², of
which the score is what an ideal denoiser knows: E[x | x̃] = x̃ + σ² ∂ log p_σ(x̃)/∂x̃ (Miyasawa 1961,
Bulletin of the International Statistical Institute 38:181; Vincent 2011, Neural Computation
23:1661).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Distances held at once, which bounds memory at 64 MiB.
_MOST_AT_ONCE = 2**23


@dataclass(frozen=True, eq=False)
class Mixture:
    """An even mixture of round Gaussians.

    centres: (K, V). spread: the standard deviation s of each, above 0, in the data's units.
    """

    centres: NDArray[np.float64]
    spread: float

    def smoothed(self, level: float) -> Mixture:
        """The density of its samples under Gaussian noise of that standard deviation."""
        return replace(self, spread=float(np.hypot(self.spread, level)))

    def log_density(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """log p of x (n, V), (n,), in nats."""
        width = self.centres.shape[1]
        scale = np.log(len(self.centres)) + width * np.log(self.spread * np.sqrt(2 * np.pi))
        parts = [largest + np.log(total) for _, largest, total in self._weighed(x)]
        return np.asarray(np.concatenate(parts) - scale)

    def score(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """∂ log p(x)/∂x of x (n, V), same shape."""
        means = [w @ self.centres / total[:, None] for w, _, total in self._weighed(x)]
        return np.asarray((np.concatenate(means) - x) / self.spread**2)

    def samples(self, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """That many independent samples, (count, V)."""
        which = generator.integers(len(self.centres), size=count)
        noise = generator.standard_normal((count, self.centres.shape[1]))
        return np.asarray(self.centres[which] + self.spread * noise)

    def _weighed(
        self, x: NDArray[np.floating]
    ) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
        """By parts of x: exp(e − largest) (n, K), the largest (n,) and the sum (n,).

        e is the exponent of each Gaussian; its largest is set apart, so that none underflows.
        """
        found = []
        rows = max(1, _MOST_AT_ONCE // len(self.centres))
        squares = np.square(self.centres).sum(1)
        for start in range(0, len(x), rows):
            part = np.asarray(x[start : start + rows], dtype=np.float64)
            apart = np.square(part).sum(1)[:, None] + squares - 2 * part @ self.centres.T
            exponents = -apart / (2 * self.spread**2)
            largest = exponents.max(1)
            weights = np.exp(exponents - largest[:, None])
            found.append((weights, largest, weights.sum(1)))
        return found
