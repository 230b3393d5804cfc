"""An image's file becomes a row: a square of pixels, plane after plane."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import ImageOps

from ..errors import DataError

COLOURS = {"grey": "L", "rgb": "RGB"}
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
PLANES = ("red", "green", "blue")

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
# An image of a few kilobytes can claim more pixels than there is memory.
_MOST_PIXELS = 100_000_000
# What Pillow raises for files that are no images, or damaged ones.
_UNREADABLE = (OSError, EOFError, ValueError, SyntaxError, IndexError, KeyError, struct.error)


@dataclass(frozen=True)
class Image:
    """What becomes of an image: a square of ``size`` pixels, in ``grey`` or ``rgb``.

    Raises DataError for a size outside 2 … 1024 or another colour.
    """

    size: int = 32
    colour: str = "grey"

    def __post_init__(self) -> None:
        if isinstance(self.size, bool) or not isinstance(self.size, int):
            raise DataError("data.image.size", "must be a whole number", self.size)
        if not 2 <= self.size <= 1024:
            raise DataError("data.image.size", "must be from 2 to 1024 pixels", self.size)
        if self.colour not in COLOURS:
            raise DataError("data.image.colour", f"must be {' or '.join(COLOURS)}", self.colour)

    @property
    def channels(self) -> int:
        """Colour planes: 1 or 3."""
        return 1 if self.colour == "grey" else 3

    @property
    def width(self) -> int:
        """Inputs of a row."""
        return self.channels * self.size**2


def read(path: Path, image: Image) -> NDArray[np.uint8]:
    """(width,) the image at ``path``: its middle square, resized, red before green before blue.

    Turned as its camera says, transparent parts white, of an animation the first image. Grey is
    the luma of ITU-R 601. It is resized by bicubic interpolation over as many pixels as become one.
    Raises DataError, which names it, for a file that is no image, is damaged, or has more than
    100 million pixels.
    """
    try:
        with warnings.catch_warnings():
            # Odd metadata is no reason to warn of an image that can be seen.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            pixels = _pixels(path, image)
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as error:
        raise _too_large(path, str(error)) from error
    except _UNREADABLE as error:
        rule = "must be an image: png, jpeg, bmp, gif or webp"
        remedy = "Check that it was copied whole, or take it out of the folder"
        raise DataError(str(path), rule, str(error), remedy) from error
    planes = np.moveaxis(np.atleast_3d(pixels), 2, 0)
    return np.ascontiguousarray(planes).reshape(-1)


def pixel_names(size: tuple[int, int], channels: int) -> tuple[str, ...]:
    """A name for each input of an image of (height, width): ``red 0,0``, ``red 0,1``, …."""
    height, width = size
    places = [f"{row},{column}" for row in range(height) for column in range(width)]
    planes = PLANES if channels == 3 else ("grey",)
    return tuple(f"{plane} {place}" for plane in planes for place in places)


def _pixels(path: Path, image: Image) -> NDArray[np.uint8]:
    with PIL.Image.open(path, formats=_FORMATS) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise _too_large(path, f"{opened.width} x {opened.height}")
        shown = ImageOps.exif_transpose(opened)
        if shown.mode.startswith(("I", "F")):
            # Sixteen bits; Pillow's own conversion would cut them off at 255.
            deep = np.asarray(shown, np.float64) * (255 / 65_535)
            shown = PIL.Image.fromarray(np.clip(np.rint(deep), 0, 255).astype(np.uint8))
        if shown.has_transparency_data:
            shown = shown.convert("RGBA")
            paper = PIL.Image.new("RGBA", shown.size, "white")
            shown = PIL.Image.alpha_composite(paper, shown)
        shown = shown.convert(COLOURS[image.colour])
    side = min(shown.size)
    left, top = (shown.width - side) // 2, (shown.height - side) // 2
    square = (left, top, left + side, top + side)
    sized = shown.resize((image.size, image.size), PIL.Image.Resampling.BICUBIC, box=square)
    return np.asarray(sized, np.uint8)


def _too_large(path: Path, got: str) -> DataError:
    rule = "must have at most 100 million pixels"
    return DataError(str(path), rule, got, "Save it smaller, or take it out of the folder")
