"""Arrays of bytes in the IDX files that MNIST was published in, also gzipped.

A file begins with 0, 0, the type of its numbers (8 for unsigned bytes), the number of axes, and
each axis's length as a big-endian 32-bit integer; then come the numbers, row by row.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BYTES = 8

UNREADABLE = (OSError, EOFError, ValueError, zlib.error)


def read(path: Path) -> NDArray[np.uint8]:
    """The array of a file of bytes. Raises one of UNREADABLE."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if len(content) < 4 or content[:3] != bytes((0, 0, _BYTES)):
        raise ValueError("no IDX file of unsigned bytes")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError("the file ends within its first lines")
    shape = tuple(int(length) for length in np.frombuffer(content[4:start], ">u4"))
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise ValueError(f"{len(content) - start} bytes for an array of shape {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
