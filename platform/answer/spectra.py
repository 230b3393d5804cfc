"""The singular values of ∂code/∂input at validation samples, as far as they are cheap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...models.estimator import Estimator
from ...models.measures.spectrum import spectrum
from .evenly import evenly

FIRST, OTHERS = 64, 32
"""Samples at most: of the first setting, and of each that follows."""
FEWEST = 8
"""Fewer samples say nothing of how the spectrum varies over them."""
CUBES = 2**31
"""Multiplications that the spectra of all settings may take."""
QUANTILES = (0.1, 0.9)


@dataclass(frozen=True)
class Spectra:
    """Singular values (B, S), largest first; None where they would cost too much.

    ``left``: what later settings may still spend; ``resolution``: the share of the largest below
    which a value is not told from 0.
    """

    values: np.ndarray | None
    left: int
    resolution: float = 0.0

    def bands(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The low quantile, the mean and the high quantile over samples, (S,) each."""
        assert self.values is not None
        low, high = np.quantile(self.values, QUANTILES, axis=0)
        return low, self.values.mean(0), high


def spectra(
    layer: Estimator, effort: int, seen: np.ndarray, before: Spectra | None = None
) -> Spectra:
    """The spectrum of one more network.

    Args:
        layer: whose code it is.
        effort: multiplications of one code, for Jacobians by as many backward passes as units.
        seen: what the network reads, (N, V).
        before: that of the setting before, None for the first.
    """
    left = CUBES if before is None else before.left
    network = layer.network_
    assert network is not None
    cost = min(network.hidden, network.visible) ** 3
    if not network.closed_jacobian:
        cost = max(cost, 2 * network.hidden * effort)
    most = FIRST if before is None else OTHERS
    samples = min(most, len(seen), left // cost)
    if samples < min(FEWEST, len(seen)):
        return Spectra(None, left)
    x = torch.tensor(seen[evenly(len(seen), samples)], dtype=network.dtype)
    values = spectrum(network, x[None])[0].numpy()
    values = values[np.isfinite(values).all(1)]
    resolution = float(torch.finfo(network.dtype).eps) ** 0.5
    return Spectra(values if len(values) else None, left - samples * cost, resolution)
