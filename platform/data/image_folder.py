"""A folder of images, a sample each; sub-folders are labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import files
from .image import SUFFIXES, Image
from .image import read as read_image
from .source import Samples


def read(folder: Path, image: Image | None = None) -> Samples:
    """All images of a folder in the order of their names, as ``image`` says.

    x: (n, channels · size · size) uint8, plane after plane, each row by row; 255 is 1. Raises
    DataError for a file that is no image, and for a folder without any.
    """
    image = image or Image()
    found = files.of_kind(folder, SUFFIXES, "images")
    labels = files.labels(folder, found)
    x = np.stack([read_image(path, image) for path in found])
    return Samples(x, labels, 255.0, (image.size, image.size), image.channels)
