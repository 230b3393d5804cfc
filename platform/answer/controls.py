"""What a stage has to beat: PCA of the same code size, the mean input, and itself untrained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plan.trial import Trial

ERROR = "reconstruction_error"
SPLITS = ("validation", "test")
# Looked at a time: a split may be larger than memory.
_ROWS = 10_000


@dataclass(frozen=True)
class Control:
    """A reference that needs no search, measured on the same samples as the trials."""

    stage: str
    name: str
    label: str
    metrics: Mapping[str, float]

    def mapping(self) -> dict[str, object]:
        """Plain values, for the record."""
        return {
            "stage": self.stage,
            "name": self.name,
            "label": self.label,
            "metrics": dict(self.metrics),
        }


class PrincipalComponents:
    """PCA fitted on training samples (N, V), with as many components as a code has units.

    From the covariance's eigenvectors: for many more samples than inputs that is many times faster
    than the singular values of the samples.
    """

    def __init__(self, train: np.ndarray, components: int) -> None:
        self.mean = train.mean(0, dtype=np.float64)
        scatter = np.zeros((train.shape[1], train.shape[1]))
        for part in _blocks(train):
            centred = part - self.mean
            scatter += centred.T @ centred
        _, vectors = np.linalg.eigh(scatter)
        self.axes = vectors.T[::-1][:components]

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        """The projection of x (N, V) on the components, (N, V)."""
        return np.asarray((x - self.mean) @ self.axes.T @ self.axes + self.mean)


def measure(
    best: Sequence[Trial],
    inputs: Mapping[str, np.ndarray],
    manifests: Mapping[str, Mapping[str, Any]],
) -> list[Control]:
    """The controls of a stage; PCA only where a code is narrower than the input.

    Args:
        best: the trials of the stage's best setting, one per seed.
        inputs: the stage's input (N, V) for the splits train, validation and test.
        manifests: the stored manifests, which hold the untrained network's errors.
    """
    stage, hidden = best[0].stage, int(best[0].settings["hidden"])
    train = inputs["train"]
    pca = PrincipalComponents(train, hidden)
    components = min(hidden, train.shape[1])
    errors = {
        split: (
            _error(pca.reconstruct, inputs[split]),
            _error(lambda _: pca.mean, inputs[split]),
        )
        for split in SPLITS
    }
    untrained = {
        f"{split}/{ERROR}": float(
            np.mean([manifests[t.key]["history"][f"{split}/{ERROR}"][0][1] for t in best])
        )
        for split in SPLITS
    }
    found = [
        Control(stage, "untrained", _before(best[0]), untrained),
        Control(
            stage,
            "mean_image",
            "the mean input",
            {f"{split}/{ERROR}": errors[split][1] for split in SPLITS},
        ),
    ]
    # As many components as inputs leave nothing out: an error of 0 that nobody has to beat.
    if components < train.shape[1]:
        label = f"PCA, {components} components"
        of_pca = {f"{split}/{ERROR}": errors[split][0] for split in SPLITS}
        found.insert(0, Control(stage, "pca", label, of_pca))
    return found


def _before(trial: Trial) -> str:
    return "the stack it started from" if trial.joint else "the network before training"


def squared_error(reconstruction: np.ndarray, x: np.ndarray) -> float:
    """Squared error per sample, summed over inputs, mean over samples."""
    return float(np.square(reconstruction - x).sum(1).mean())


def _error(reconstruct: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> float:
    """:func:`squared_error` of what is made of x (N, V)."""
    return sum(len(p) * squared_error(reconstruct(p), p) for p in _blocks(x)) / len(x)


def _blocks(x: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(x), _ROWS):
        yield x[start : start + _ROWS]
