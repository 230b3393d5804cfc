"""The networks that started deep learning, and how they learn.

    from layerwise.models import create
    network = create("denoising_autoencoder", hidden=128, corruption={"level": 0.3}).fit(x)
    codes = network.encode(x)

Everything here imports torch and nothing of Ray, MLflow or studies. The front itself is imported in
a moment: torch comes with the first name that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    HyperparameterError,
    InputError,
    LayerwiseError,
    TrialDiverged,
    UnknownModelError,
)
from .registry import names

if TYPE_CHECKING:
    from .describe import describe
    from .estimator import Estimator, create
    from .stack import Stack, load

__all__ = [
    "Estimator",
    "HyperparameterError",
    "InputError",
    "LayerwiseError",
    "Stack",
    "TrialDiverged",
    "UnknownModelError",
    "create",
    "describe",
    "load",
    "names",
]

_HOMES = {
    "Estimator": "estimator",
    "Stack": "stack",
    "create": "estimator",
    "describe": "describe",
    "load": "stack",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Not kept in this module's globals by hand: importing a submodule binds its own name here, and
    # `describe` is both a module and a function.
    found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = found
    return found
