"""The networks that started deep learning, and how they learn.

    from layerwise.models import create
    network = create("denoising_autoencoder", hidden=128, corruption={"level": 0.3}).fit(x)
    codes = network.encode(x)

Everything here imports torch and nothing of Ray, MLflow or studies.
"""

from __future__ import annotations

from . import autoencoders, boltzmann
from .describe import describe
from .errors import (
    HyperparameterError,
    InputError,
    LayerwiseError,
    TrialDiverged,
    UnknownModelError,
)
from .estimator import Estimator, create
from .registry import discover, names
from .stack import Stack, load

discover(autoencoders, boltzmann)

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
