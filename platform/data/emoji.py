"""1 778 emoji as Noto draws them, each with the words that Unicode says of it: two modalities.

They come with layerwise. Labels are Unicode's nine groups. Drawings that are the same to the pixel
are a group in the other sense: they are in one split.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import shipped
from .image import pixel_names
from .modality import Modality
from .source import Samples

NAME = "emoji"
SHAPE = "16x16 pixels in red, green and blue, from 0 to 1, on white, and 448 tags, 0 or 1"
SAMPLES = 1778
LICENCE = "Apache 2.0 (images), Unicode License v3 (tags)"
SOURCE = "Google Noto Emoji and Unicode CLDR, from emoji-datasource-google and emojibase-data"
REMEDY = "Install layerwise anew"

_FILE = "emoji.npz"
_SIZE = (16, 16)  # of 32x32; a quarter of the inputs, and what is drawn can still be told


def where() -> Path:
    """Where the file lies: in the package."""
    return shipped.where(_FILE)


def read() -> Samples:
    """All emoji with a tag, in Unicode's order. Tags are words that are on five emoji or more.

    x: (n, 768 + 448) uint8, 255 is 1: the image, plane after plane, then the tags in the alphabet's
    order. Raises DataError when the file is damaged.
    """
    found = shipped.arrays(_FILE, ("images", "tags", "words", "group", "group_names"))
    words = tuple(found["words"].tolist())
    tags = np.unpackbits(found["tags"], axis=1, count=len(words))
    images = found["images"]
    _, alike = np.unique(images, axis=0, return_inverse=True)
    return Samples(
        np.concatenate([images, tags * np.uint8(255)], axis=1),
        np.asarray(found["group_names"])[found["group"]],
        255.0,
        _SIZE,
        channels=3,
        features=pixel_names(_SIZE, 3) + words,
        modalities=(Modality("image", images.shape[1]), Modality("tags", len(words))),
        groups=alike.reshape(-1).astype(np.int64),
    )
