"""The images of the emoji alone, without their tags: small, clean, in colour."""

from __future__ import annotations

from pathlib import Path

from . import emoji
from .source import Samples

NAME = "emoji_images"
SHAPE = "16x16 pixels in red, green and blue, from 0 to 1, on white"
SAMPLES = emoji.SAMPLES
LICENCE = "Apache 2.0"
SOURCE = "Google Noto Emoji, from emoji-datasource-google"
REMEDY = emoji.REMEDY


def where() -> Path:
    """Where the file lies: in the package."""
    return emoji.where()


def read() -> Samples:
    """All emoji with a tag, in Unicode's order, (n, 768) uint8, 255 is 1; labels as the emoji's.

    Raises DataError when the file is damaged.
    """
    whole = emoji.read()
    width = whole.modalities[0].width
    return Samples(
        whole.x[:, :width],
        whole.labels,
        whole.scale,
        whole.image_shape,
        channels=whole.channels,
        features=whole.features[:width],
        groups=whole.groups,
    )
