"""Images of 4x4 pixels with six tags, each of which is a pattern on the image."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.platform.data import DataSet
from layerwise.platform.data.modality import Modality

SIZES = {"train": 150, "validation": 30, "test": 24}
PIXELS, TAGS = 16, 6
WORDS = ("red", "round", "tall", "small", "striped", "dotted")


def made_pairs(**changes: Any) -> DataSet:
    """Tags that go together by two hidden causes; every fifth sample of a split has none."""
    rng = np.random.default_rng(3)
    patterns = rng.random((TAGS, PIXELS)) < 0.3
    splits: dict[str, Any] = {}
    for split, count in SIZES.items():
        causes = rng.random((count, 2)) < 0.5
        likely = np.repeat(causes, TAGS // 2, axis=1)
        tags = (rng.random((count, TAGS)) < np.where(likely, 0.6, 0.1)).astype(np.float64)
        tags[::5] = 0
        ink = np.minimum(tags @ patterns, 1.0) * 0.8
        image = np.clip(1 - ink + 0.05 * rng.normal(size=ink.shape), 0, 1)
        splits[split] = np.concatenate([image, tags], 1).astype(np.float32)
    described: dict[str, Any] = {
        "image_shape": (4, 4),
        "features": tuple(f"pixel {number}" for number in range(PIXELS)) + WORDS,
        "modalities": (Modality("image", PIXELS), Modality("tags", TAGS)),
    }
    return DataSet("pairs", **{**splits, **described, **changes})
