"""Where a network of two inputs carries each point of their plane: a manifold as a picture.

r(x) − x of an autoencoder; after Gaussian denoising at level σ it approximates σ² ∂ log p(x)/∂x, so
that it leads toward the data and vanishes on them (Alain & Bengio 2014, JMLR 15:3743). Of a
Boltzmann machine with real visible units it is the score itself, −∂F(x)/∂x. Binary units have no
values between 0 and 1, and what classifies decodes nothing: both have no field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ...models.estimator import Estimator
from ..execution.trained import network

SIDE = 24
"""Points of the grid along each axis."""
MARGIN = 0.15
"""How far the grid goes beyond the data on each side, as a share of their range."""
RECONSTRUCTION, SCORE = "reconstruction", "score"


@dataclass(frozen=True)
class Field:
    """``vectors`` (n, 2) at ``points`` (n, 2), and which ``quantity`` they are.

    "reconstruction" is r(x) − x, "score" −∂F(x)/∂x.
    """

    points: np.ndarray
    vectors: np.ndarray
    quantity: str


def vector_field(stack: list[Estimator], data: np.ndarray) -> Field | None:
    """The field around data (N, 2) of the networks from the data up; None where they have none."""
    top, points = stack[-1], grid(data)
    if top.settings.get("objective") == "classification":
        return None
    if not any(hasattr(layer, "sample") for layer in stack):
        vectors = network(stack).reconstruct(points) - points
        quantity = RECONSTRUCTION
    elif len(stack) == 1 and hasattr(top, "free_energy") and _real(top):
        vectors, quantity = _descent(top, points), SCORE
    else:
        return None
    return Field(points, vectors, quantity) if np.isfinite(vectors).all() else None


def grid(data: np.ndarray) -> np.ndarray:
    """Points (SIDE², 2) over the range of data (N, 2) and its margin, the second input fastest."""
    low, high = data.min(0).astype(float), data.max(0).astype(float)
    # An input that is constant gets the other's room: the plane has two directions.
    reach = np.where(high > low, high - low, (high - low).max() or 1.0)
    ends = low - MARGIN * reach, high + MARGIN * reach
    axes = [np.linspace(first, last, SIDE) for first, last in zip(*ends, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2).astype(np.float32)


def noise(stack: list[Estimator]) -> dict[str, object]:
    """``corruption`` and ``noise_level`` of a single layer that was trained with noise."""
    settings = stack[0].settings if len(stack) == 1 else {}
    level = float(settings.get("corruption.level", 0.0))
    return {"corruption": settings["corruption.kind"], "noise_level": level} if level else {}


def _real(machine: Estimator) -> bool:
    return getattr(machine.network_, "output_activation", "") == "identity"


def _descent(machine: Estimator, points: np.ndarray) -> np.ndarray:
    """−∂F(x)/∂x at points (n, 2)."""
    layer: Any = machine.network_
    with torch.enable_grad():
        x = torch.tensor(points, dtype=layer.dtype)[None].requires_grad_()
        (uphill,) = torch.autograd.grad(layer.free_energy(x).sum(), x)
    return np.asarray(-uphill[0].numpy())
