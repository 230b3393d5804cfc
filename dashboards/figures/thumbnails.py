"""Small images as data URIs, and which of many can stand in a plane without overlaps.

Grey ones are ink of varying strength on nothing, so that the page is their paper and points behind
them can be seen. A page that is read in the dark inverts the ink by its style sheet. Those in
colour are as they are.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

INK = 18
"""Its grey level, near black."""
LEVELS = 16
"""Shades: as many as tell a digit's strokes, and few enough to be packed well."""


def uri(image: Grey) -> str:
    """An image (h, w) of strengths, or (h, w, 3) in colour, as the address of its own PNG."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode()}"


def png(image: Grey) -> bytes:
    """An image as PNG (ISO/IEC 15948).

    Args:
        image: (h, w) strengths, 0 to 255: ink with that opacity; or (h, w, 3) red, green, blue.
    """
    height, width = image.shape[:2]
    coloured = image.ndim == 3
    # 8 bits each of grey and opacity (4), or of three colours (2); no interlacing.
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if coloured else 4, 0, 0, 0)
    # Each row begins with its filter: 0, none.
    rows = np.zeros((height, 1 + (3 if coloured else 2) * width), dtype=np.uint8)
    if coloured:
        rows[:, 1:] = image.reshape(height, -1)
    else:
        rows[:, 1::2] = INK
        rows[:, 2::2] = image
    body = zlib.compress(rows.tobytes(), 9)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def strengths(images: NDArray[np.float64]) -> Grey:
    """Images (n, h, w) of 0 to 255 in a few whole steps; what is no number is 0."""
    value = np.clip(np.nan_to_num(images, nan=0.0, posinf=255.0, neginf=0.0), 0, 255) / 255
    return np.round(np.round(value * (LEVELS - 1)) * (255 / (LEVELS - 1))).astype(np.uint8)


def smaller(images: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Images (n, h, w) with at most ``longest`` pixels a side: means of square blocks."""
    n, height, width = images.shape
    block = -(-max(height, width) // longest)
    if block <= 1:
        return images
    down, across = -(-height // block), -(-width // block)
    padded = np.pad(
        images, ((0, 0), (0, down * block - height), (0, across * block - width)), mode="edge"
    )
    means: NDArray[np.float64] = padded.reshape(n, down, block, across, block).mean((2, 4))
    return means


def spread(points: NDArray[np.float64], size: float, most: int) -> list[int]:
    """Indices of at most ``most`` of ``points`` (n, 2), squares around which do not overlap.

    The one nearest to the middle first, then always the one farthest from those chosen, so that
    few are enough to show every corner.

    Args:
        points: finite places.
        size: side of a square; two of them need that much distance along one axis.
        most: how many there may be.
    """
    if not len(points) or most < 1:
        return []
    middle = (points.min(0) + points.max(0)) / 2
    chosen = [int(np.abs(points - middle).max(1).argmin())]
    nearest = np.abs(points - points[chosen[0]]).max(1)
    while len(chosen) < most:
        farthest = int(nearest.argmax())
        if nearest[farthest] < size:
            break
        chosen.append(farthest)
        nearest = np.minimum(nearest, np.abs(points - points[farthest]).max(1))
    return chosen
