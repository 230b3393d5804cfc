"""IDX files, written by the format's own description."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data.idx import UNREADABLE, read

ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
CONTENT = struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 3, 4) + ARRAY.tobytes()


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT)])
def test_an_array_comes_back(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    np.testing.assert_array_equal(read(tmp_path / "a"), ARRAY)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        CONTENT[:9],
        CONTENT[:-1],
        CONTENT + b"x",
        gzip.compress(CONTENT)[:-9],
        struct.pack(">BBBBI", 0, 0, 13, 1, 1) + b"1234",
    ],
)
def test_what_is_no_whole_array_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(UNREADABLE):
        read(tmp_path / "a")
