"""Patches of scikit-learn's two photographs, in colour: a temple in China and a flower.

Each photograph is cut into four blocks by three, and no patch crosses the border of a block. A
group is a block, so what is held out has not a single pixel in training. Patches are 32x32, one
every 16 pixels, of the photograph as it is and at half its size; flat ones are left out.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ..errors import DataError
from .source import Samples

NAME = "photographs"
SHAPE = "32x32 pixels in red, green and blue, from 0 to 1"
SAMPLES = 1247
LICENCE = "CC BY 2.0"
SOURCE = "china.jpg and flower.jpg of scikit-learn, from Flickr: danielbuechele, vultilion"
REMEDY = "Install it anew: pip install --force-reinstall scikit-learn"

_FILES = ("china.jpg", "flower.jpg")
_SIZE = (427, 640, 3)
_BLOCKS = (3, 4)  # rows, columns
_PATCH = 32
_EVERY = 16
_FLAT = 8.0  # standard deviation of a colour, of 255; sky and blurred ground have less


def where() -> Path | None:
    """Where the first file lies: in scikit-learn's own folder. None without scikit-learn."""
    # Not imported: that takes more than a second, for the sake of one path.
    package = importlib.util.find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    return Path(folders[0], "datasets", "images", _FILES[0]) if folders else None


def read() -> Samples:
    """All patches: photograph by photograph, block by block, the larger scale first.

    x: (n, 3072) uint8, plane after plane; labels: (n,) the photograph; groups: (n,) the block, from
    0 to 23 (3 is sky alone, and has none). Raises DataError when scikit-learn is not installed or
    its files are damaged.
    """
    patches: list[NDArray[np.uint8]] = []
    groups: list[int] = []
    for number, file in enumerate(_FILES):
        for place, block in enumerate(_blocks(_photograph(file))):
            own = [patch for scale in (1, 2) for patch in _patches(_smaller(block, scale))]
            patches += own
            groups += [number * _BLOCKS[0] * _BLOCKS[1] + place] * len(own)
    x = np.stack(patches).transpose(0, 3, 1, 2).reshape(len(patches), -1)
    of = np.array(groups, np.int64)
    labels = np.array([Path(file).stem for file in _FILES])[of // (_BLOCKS[0] * _BLOCKS[1])]
    size = _PATCH, _PATCH
    return Samples(np.ascontiguousarray(x), labels, 255.0, size, channels=3, groups=of)


def _photograph(file: str) -> NDArray[np.uint8]:
    path = where()
    try:
        if path is None:
            raise FileNotFoundError("no package sklearn")
        with PIL.Image.open(path.with_name(file), formats=("JPEG",)) as opened:
            pixels = np.asarray(opened.convert("RGB"), np.uint8)
        if pixels.shape != _SIZE:
            raise ValueError(f"shape {pixels.shape}")
    except (OSError, ValueError, SyntaxError) as error:
        rule = "must be readable from scikit-learn's folder"
        raise DataError(NAME, rule, str(error), REMEDY) from error
    return pixels


def _blocks(photograph: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    rows, columns = _BLOCKS
    height, width = photograph.shape[0] // rows, photograph.shape[1] // columns
    return [
        photograph[row * height : (row + 1) * height, column * width : (column + 1) * width]
        for row in range(rows)
        for column in range(columns)
    ]


def _smaller(block: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """The mean of every ``scale`` x ``scale`` pixels; within a block, so that none sees another."""
    height, width = block.shape[0] // scale, block.shape[1] // scale
    cut = block[: height * scale, : width * scale].reshape(height, scale, width, scale, 3)
    smaller: NDArray[np.uint8] = np.rint(cut.mean((1, 3))).astype(np.uint8)
    return smaller


def _patches(block: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    height, width, _ = block.shape
    found = [
        block[top : top + _PATCH, left : left + _PATCH]
        for top in range(0, height - _PATCH + 1, _EVERY)
        for left in range(0, width - _PATCH + 1, _EVERY)
    ]
    return [patch for patch in found if patch.std((0, 1)).max() >= _FLAT]
