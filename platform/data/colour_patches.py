"""1 728 patches of 27 photographs in colour, those of six photographs kept for the test.

``test`` is published with the file, so the share ``test`` of a study has no say in it. A group is a
photograph: none is in two splits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import data_folder
from .source import Samples

NAME = "colour_patches"
SHAPE = "32x32 pixels in red, green and blue, from 0 to 1"
SAMPLES = 1728
LICENCE = "of each photograph: GPL-2+, LGPL-3, CC BY 2.0, CC0 or public domain; not bundled"
SOURCE = "photographs of mate-backgrounds, plasma-workspace-wallpapers, scikit-learn, scikit-image"
REMEDY = "Set LAYERWISE_DATA to the folder that holds colour_patches.npz"

_FILE = "colour_patches.npz"
_ARRAYS = {
    "x_train": ("uint8", (1344, 32, 32, 3)),
    "photo_train": ("uint8", (1344,)),
    "x_test": ("uint8", (384, 32, 32, 3)),
    "photo_test": ("uint8", (384,)),
}


def where() -> Path | None:
    """Where the file is looked for. None when LAYERWISE_DATA is not set."""
    return data_folder.where(_FILE)


def read() -> tuple[Samples, Samples]:
    """The 1 344 patches of 21 photographs, and the published test set: 384 of six others.

    x: (n, 3072) uint8, plane after plane. Raises DataError when the file is missing or damaged.
    """
    found = data_folder.arrays(NAME, _FILE, _ARRAYS)
    return _samples(found, "train"), _samples(found, "test")


def _samples(found: dict[str, NDArray[Any]], split: str) -> Samples:
    patches = found[f"x_{split}"]
    x = np.ascontiguousarray(patches.transpose(0, 3, 1, 2)).reshape(len(patches), -1)
    return Samples(
        x, scale=255.0, image_shape=(32, 32), channels=3,
        groups=found[f"photo_{split}"].astype(np.int64),
    )  # fmt: skip
