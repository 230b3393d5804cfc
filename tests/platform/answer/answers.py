"""Studies whose answers are asked for: trained without Ray, in the one store of a test session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layerwise.dashboards.statistics import Interval
from layerwise.platform.answer.ranking import TEST, Ranked
from layerwise.platform.plan import Trial

METRIC = "validation/reconstruction_error"
DENOISING: dict[str, Any] = {
    "study": "denoising",
    "question": "How much noise?",
    "data": "digits",
    "seeds": [0, 1, 2],
    "stages": [
        {
            "name": "codes",
            "model": "denoising_autoencoder",
            "hidden": 10,
            "corruption": {"kind": "gaussian", "level": {"grid": [0.0, 0.5]}},
            "contraction": {"weight": {"grid": [0.0, 1.0]}},
            "learning_rate": 0.01,
            "epochs": 6,
        }
    ],
}
WILD: dict[str, Any] = {
    "study": "wild",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {
            "name": "codes",
            "model": "autoencoder",
            "hidden": 6,
            "activation": "relu",
            "optimiser": "momentum",
            "learning_rate": {"grid": [0.0001, 1e12]},
            "epochs": 2,
        }
    ],
}


@dataclass(frozen=True)
class Found:
    """An interval of test errors with what the network is."""

    mean: float
    half: float | None
    settings: dict[str, Any]
    depth: int = 0

    def ranked(self) -> Ranked:
        """As the best setting of a stage called "codes"."""
        half = float("nan") if self.half is None else self.half
        error = Interval(
            self.mean, self.mean - half, self.mean + half, 1 if self.half is None else 3
        )
        numbers = {"sparsity.weight": 0.0, "contraction.weight": 0.0, "corruption.level": 0.0}
        trial = Trial(
            key="0" * 64,
            stage="codes",
            depth=self.depth,
            model="autoencoder",
            seed=0,
            visible=64,
            dtype="float32",
            settings=numbers | self.settings,
            written={},
            swept={},
            inherited={},
            parents=("f" * 64,) * self.depth,
        )
        return Ranked(1, {}, (trial,), error, {TEST: error})
