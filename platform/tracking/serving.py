"""The loader that travels with a network logged to MLflow, beside ``layerwise.models``.

MLflow calls ``_load_pyfunc`` where nothing else of layerwise need be installed, so nothing else of
layerwise may be imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

TASKS = ("reconstruct", "encode")


class Network(Protocol):
    """What is asked of a network here."""

    def encode(self, x: np.ndarray) -> np.ndarray:
        """(n, visible) → (n, hidden)"""
        ...

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """(n, visible) → (n, visible)"""
        ...


class ServedNetwork:
    """Reconstructs, or encodes, rows of numbers in the units the network was trained on."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def predict(self, rows: Any, params: Mapping[str, Any] | None = None) -> np.ndarray:
        """(n, visible) array or DataFrame → (n, visible), or (n, hidden) for ``task="encode"``."""
        task = (params or {}).get("task", TASKS[0])
        if task not in TASKS:
            raise ValueError(f"task: must be one of {', '.join(TASKS)}, but got {task!r}")
        x = np.ascontiguousarray(rows, dtype=np.float32)
        return self.network.encode(x) if task == "encode" else self.network.reconstruct(x)


def _load_pyfunc(path: str) -> ServedNetwork:
    from ...models import load

    return ServedNetwork(load(path))
