"""Made-up codes, units, spectra, chains and traversals, as a study's record has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

POINTS, UNITS, STEPS, PLACES, SHARES = 60, 32, (1, 10, 100, 1000), 7, (0.4, 0.25, 0.1)
CLASSES = ("zero", "one", "two")
HOSTILE = ("<img src=x onerror=alert(1)>", "=1+%{x}", "one")
SETTINGS = 3


def entries(keys: Sequence[str], labels: bool = True) -> dict[str, list[dict[str, Any]]]:
    """The entry ``inside`` of study.json: first, middle and last of these trials."""
    about: dict[str, Any] = {"split": "validation", "samples": POINTS, "of": 269}
    some = [keys[0], keys[len(keys) // 2], keys[-1]]

    def entry(kind: str, place: int, parts: Sequence[str], **more: Any) -> dict[str, Any]:
        arrays = {part: f"inside/{kind}/{place}/{part}" for part in parts}
        return {"key": some[place], **about, **more, "arrays": arrays}

    every = range(SETTINGS)
    parts = ("points", "labels", "thumbnails")
    names = list(CLASSES if labels else HOSTILE)
    places = np.linspace(-2, 2, PLACES).tolist()
    return {
        "code_map": [entry("code_map", 0, parts, shares=list(SHARES[:2]), classes=names)],
        "units": [entry("units", i, ("frequency", "mean"), threshold=0.1) for i in every],
        "spectrum": [
            entry("spectrum", i, ("mean", "low", "high"), quantiles=[0.1, 0.9], resolution=3.45e-4)
            for i in every
        ],
        "gibbs": [entry("gibbs", 0, ("images",), steps=list(STEPS))],
        "traversal": [entry("traversal", 0, ("images",), shares=list(SHARES), places=places)],
    }


def arrays() -> dict[str, np.ndarray[Any, Any]]:
    """The arrays that those entries name."""
    rng = np.random.default_rng(1)
    labels = np.arange(POINTS) % len(CLASSES)
    centres = np.array([[0.0, 1.0], [1.5, 0.0], [-1.5, -0.5]])
    found: dict[str, np.ndarray[Any, Any]] = {
        "code_map/0/points": centres[labels] + 0.3 * rng.standard_normal((POINTS, 2)),
        "code_map/0/labels": labels,
        "code_map/0/thumbnails": rng.integers(0, 256, (POINTS, 8, 8), dtype=np.uint8),
        "gibbs/0/images": rng.uniform(size=(len(STEPS), 4, 8, 8)),
        "traversal/0/images": rng.uniform(size=(len(SHARES), PLACES, 8, 8)),
    }
    for place in range(SETTINGS):
        frequency = np.clip(rng.uniform(-0.05 * place, 1, UNITS), 0, 1)
        frequency[: 2 * place] = 0
        mean = np.exp(-np.arange(16) * (0.1 + 0.1 * place))
        found |= {
            f"units/{place}/frequency": frequency,
            f"units/{place}/mean": 0.5 * frequency,
            f"spectrum/{place}/mean": mean,
            f"spectrum/{place}/low": 0.8 * mean,
            f"spectrum/{place}/high": 1.3 * mean,
        }
    return {
        f"inside/{name}": array if array.dtype == np.uint8 else array.astype(np.float32)
        for name, array in found.items()
    }
