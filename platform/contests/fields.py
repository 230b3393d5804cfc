"""The fields of networks as estimates of a score, ∂ log p(x)/∂x.

(r(x) − x)/σ² of an autoencoder that was trained to remove Gaussian noise of level σ is the score of
the data's density under that noise (Alain & Bengio 2014, JMLR 15:3743; exactly so for the ideal
denoiser, Vincent 2011, Neural Computation 23:1661). −∂F(x)/∂x of a Boltzmann machine with real
visible units is the score of its own density, without any noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...models.estimator import Estimator
from ...models.jacobian import jacobian
from ...models.stack import Stack

ROUNDING = 1e-12
"""A curl below this is single precision's own, and counts as 0."""


@dataclass(frozen=True)
class Field:
    """A field that estimates a score.

    along: the score at x (1, n, V), same shape, differentiable. level: standard deviation of the
    noise under which the data have that score, 0 for none. dtype: of x.
    """

    along: Callable[[Tensor], Tensor]
    level: float
    dtype: torch.dtype = torch.float32

    def score(self, x: np.ndarray) -> np.ndarray:
        """The estimated score of x (n, V), same shape."""
        with torch.no_grad():
            return np.asarray(self.along(self._tensor(x))[0].numpy(), dtype=np.float64)

    def slopes(self, x: np.ndarray) -> np.ndarray:
        """Its derivative at x (n, V), (n, V, V)."""
        return np.asarray(jacobian(self.along, self._tensor(x), 1)[0].numpy(), dtype=np.float64)

    def _tensor(self, x: np.ndarray) -> Tensor:
        return torch.as_tensor(x, dtype=self.dtype)[None]


def of(network: Estimator | Stack) -> Field | None:
    """The field of a network; None where its theory knows no score."""
    if isinstance(network, Stack) or network.settings.get("objective") == "classification":
        return None
    layer: Any = network.network_
    if hasattr(network, "free_energy"):
        real = getattr(layer, "output_activation", "") == "identity"
        return Field(lambda x: _downhill(layer, x), 0.0, layer.dtype) if real else None
    level = float(network.settings.get("corruption.level", 0.0))
    if hasattr(network, "sample") or not level or network.settings["corruption.kind"] != "gaussian":
        return None
    return Field(lambda x: (layer.reconstruct(x) - x) / level**2, level, layer.dtype)


def error(estimated: np.ndarray, true: np.ndarray) -> float:
    """Σ‖ŝ − s‖² / Σ‖s‖² of scores (n, V): 0 for the true field, 1 for a field of zeros."""
    return float(np.square(estimated - true).sum() / np.square(true).sum())


def curl(slopes: np.ndarray) -> float:
    """Σ‖(J − Jᵀ)/2‖² / Σ‖J‖² of derivatives (n, V, V), from 0 to 1.

    0 where the field is the slope of something, as a score is; 1 for one that only turns.
    """
    turning = (slopes - slopes.swapaxes(1, 2)) / 2
    whole = np.square(slopes).sum()
    share = float(np.square(turning).sum() / whole) if whole else 0.0
    return share if share > ROUNDING else 0.0


def _downhill(machine: Any, x: Tensor) -> Tensor:
    """−∂F(x)/∂x, differentiable where x is."""
    inner = torch.is_grad_enabled() and x.requires_grad
    with torch.enable_grad():
        seen = x if inner else x.detach().requires_grad_()
        energy = machine.free_energy(seen).sum()
        (uphill,) = torch.autograd.grad(energy, seen, create_graph=inner)
    return -uphill
