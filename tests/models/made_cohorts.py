"""Cohorts of every registered variant, made from the ranges that its hyperparameters declare."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from layerwise.models import HyperparameterError, names, registry
from layerwise.models.hyperparameter import Hyperparameter
from layerwise.models.network import Network
from layerwise.models.training import Epoch, Samples, Training

VISIBLE, HIDDEN, ROWS, BATCH, EPOCHS = 12, 7, 50, 16, 3
# Variants whose inputs are counts.
COUNTING = ("replicated_softmax",)
# Sizes that keep deep networks small enough to be differentiated weight by weight.
SMALL: dict[str, tuple[int, ...]] = {"layers": (9,), "channels": (3, 4)}


@dataclass(frozen=True)
class Case:
    """A variant in one of its structures."""

    model: str
    structure: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variant(self) -> type[Network]:
        return registry.lookup(self.model)

    @property
    def sampled(self) -> bool:
        """Whether states are drawn by comparing a uniform number with a learned probability."""
        return hasattr(self.variant, "gibbs")

    def samples(self, sources: Sequence[int], *given: Any, **named: Any) -> Samples:
        """:func:`made_samples`, as whole numbers from 0 to 8 where the variant counts."""
        samples = made_samples(sources, *given, **named)
        if self.model not in COUNTING:
            return samples
        return Samples((8 * samples.x_PNV).round(), samples.source)

    def __str__(self) -> str:
        return ",".join([self.model, *(f"{k}={v}" for k, v in self.structure.items())])


STRUCTURES: dict[str, list[dict[str, Any]]] = {
    "linear_autoencoder": [{"start": "principal_components"}],
    "denoising_autoencoder": [
        {"corruption.kind": "salt_and_pepper"},
        {"corruption.kind": "grey", "tied": True},
    ],
    "marginalised_denoising_autoencoder": [
        {"start": "closed_form", "corruption.kind": "salt_and_pepper"},
        {"activation": "tanh", "tied": True},
    ],
    "autoencoder": [
        {"tied": True, "activation": "tanh", "sparsity.kind": "kl", "corruption.kind": "masking"},
        {"activation": "relu", "corruption.kind": "salt_and_pepper", "optimiser": "momentum"},
        {"output_activation": "sigmoid", "reconstruction": "cross_entropy"},
    ],
    "deep_autoencoder": [
        {"tied": True, "layers": (5, 4), "activation": "sigmoid", "sparsity.kind": "kl"},
        {"layers": (), "activation": "tanh", "probes": 3},
    ],
    "fine_tune": [{"output_activation": "sigmoid", "reconstruction": "cross_entropy"}],
    "convolutional_autoencoder": [
        {"tied": True, "pooling": "none", "corruption.kind": "masking"},
        {"colours": 2, "height": 3, "channels": (3,), "kernel": 5, "layer_activation": "relu"},
        {"colours": 3, "corruption.kind": "grey"},
    ],
    "bimodal_autoencoder": [
        {"tied": True, "first_visible": 5, "layers": (4, 3)},
        {"standardised": True, "corruption.kind": "masking"},
    ],
    "dictionary_autoencoder": [
        {"tied": True, "activation": "identity", "centred": False},
        {"output_activation": "sigmoid", "reconstruction": "cross_entropy", "revival.after": 20},
    ],
    "top_k_autoencoder": [
        {"k": 3, "revival.after": 20, "revival.k": 2, "corruption.kind": "masking"},
        {"k": 2, "activation": "identity", "tied": True},
    ],
    "batch_top_k_autoencoder": [{"k": 2, "revival.after": 20, "revival.k": 2}],
    "matryoshka_autoencoder": [{"k": 2, "levels": 3, "activation": "identity"}],
    "jump_relu_autoencoder": [{"sparsity.kind": "l1", "revival.after": 20}],
    "gated_autoencoder": [{"centred": False, "revival.after": 20}],
    "bernoulli_rbm": [
        {"gibbs_steps": 3, "optimiser": "adam"},
        {"persistent": True, "particles": 9},
        {"hidden_units": "gaussian", "centring.kind": "data"},
        {"doubling": "up", "centring.kind": "average"},
        {"doubling": "both", "persistent": True, "particles": 9},
        {"persistent": True, "particles": 9, "temperatures": 3, "centring.kind": "average"},
    ],
    "gaussian_rbm": [
        {"variance": "fixed", "centring.kind": "average"},
        {"persistent": True, "particles": 9, "temperatures": 4, "gibbs_steps": 2},
    ],
    "deep_belief_network": [{"layers": (9, 5), "gibbs_steps": 2, "optimiser": "adam"}],
    "deep_boltzmann_machine": [
        {"layers": (9, 5), "particles": 9, "optimiser": "adam"},
        {"pretraining_epochs": 0, "mean_field.updates": 40},
    ],
    "multimodal_boltzmann_machine": [
        {"first_visible": 5, "first_units": "gaussian", "particles": 9},
        {"first_units": "gaussian", "standardised": True, "particles": 9},
    ],
    "rectified_rbm": [{"visible_units": "gaussian", "centring.kind": "data"}],
    "replicated_softmax": [
        {"centring.kind": "data", "gibbs_steps": 2},
        {"persistent": True, "particles": 9, "temperatures": 3},
    ],
}
CASES = [Case(name, structure) for name in names() for structure in [{}, *STRUCTURES.get(name, [])]]


def settings(case: Case, rng: np.random.Generator | None = None, /, **given: Any) -> dict[str, Any]:
    """All hyperparameters of one trial; numbers are drawn within their ranges when there is rng."""
    values = {"hidden": HIDDEN, "batch_size": BATCH, "epochs": EPOCHS}
    values |= {path: size for path, size in SMALL.items() if path in case.variant.hyperparameters}
    values |= case.structure
    if rng is not None:
        for path, hyperparameter in case.variant.hyperparameters.items():
            if not hyperparameter.structural:
                drawn = {**values, path: _drawn(hyperparameter, rng)}
                if not _refused(case, drawn):
                    values = drawn
    return registry.resolve(case.variant, values | given)


def _refused(case: Case, values: Mapping[str, Any]) -> bool:
    """Whether a number cannot go with this structure; then its default is taken."""
    try:
        case.variant.check(registry.resolve(case.variant, values))
    except HyperparameterError:
        return True
    return False


def _drawn(hyperparameter: Hyperparameter, rng: np.random.Generator) -> float:
    if hyperparameter.high is not None:
        assert hyperparameter.low is not None
        inside = 0.05 + 0.85 * rng.random()
        return hyperparameter.low + inside * (hyperparameter.high - hyperparameter.low)
    # A quarter of the trials go without, as the zeros of a grid do.
    without = hyperparameter.low == 0 and hyperparameter.default == 0 and rng.random() < 0.25
    return 0.0 if without else float((hyperparameter.default or 0.1) * rng.uniform(0.3, 1.5))


def cohort(
    case: Case,
    trials: Sequence[Mapping[str, Any]],
    seeds: Sequence[int],
    dtype: torch.dtype = torch.float64,
    visible: int = VISIBLE,
    device: torch.device | None = None,
) -> Network:
    """The network of these trials."""
    return case.variant(visible, trials, seeds, dtype, device)


def made_samples(
    sources: Sequence[int],
    dtype: torch.dtype = torch.float64,
    rows: int = ROWS,
    device: torch.device | None = None,
) -> Samples:
    """Inputs in [0, 1] with structure to learn; ``sources`` says which of 3 each trial reads."""
    rng = np.random.default_rng(5)
    causes = rng.random((3, rows, 3)) @ rng.normal(size=(3, 3, VISIBLE))
    x = 1 / (1 + np.exp(-2 * causes))
    return Samples(torch.tensor(x, dtype=dtype, device=device), tuple(sources))


def trained(network: Network, train: Samples, validation: Samples) -> list[Epoch]:
    """All epochs of a training."""
    return list(Training(network, train, validation, int(network.settings[0]["epochs"])))


@cache
def digits() -> np.ndarray:
    """The 8 × 8 digits that come with scikit-learn, (1797, 64) in [0, 1]."""
    package = importlib.util.find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    table = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return np.loadtxt(table, delimiter=",")[:, :-1] / 16


def digits_for(model: str) -> np.ndarray:
    """:func:`digits`, as the counts from 0 to 16 that they are where the variant counts."""
    return digits() * (16 if model in COUNTING else 1)
