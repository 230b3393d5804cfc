"""Images as addresses, read back; and squares that do not overlap."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.dashboards.figures.thumbnails import (
    INK,
    LEVELS,
    png,
    smaller,
    spread,
    strengths,
    uri,
)


def decoded(content: bytes) -> tuple[int, int, np.ndarray]:
    """Width, height and bytes (h, 1 + 2w) of a PNG, its checks verified."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length]) == (
            zlib.crc32(kind + body),
        )
        parts[kind] = body
        at += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert depth == 8
    assert colour in (2, 4)
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, -1)
    return width, height, rows


def test_a_png_holds_the_strengths_of_its_ink() -> None:
    image = np.arange(15, dtype=np.uint8).reshape(3, 5)
    width, height, rows = decoded(png(image))
    assert (width, height) == (5, 3)
    assert not rows[:, 0].any()
    assert (rows[:, 1::2] == INK).all()
    np.testing.assert_array_equal(rows[:, 2::2], image)
    head, _, data = uri(image).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == png(image)


def test_a_png_in_colour_is_as_it_was() -> None:
    image = np.arange(45, dtype=np.uint8).reshape(3, 5, 3)
    width, height, rows = decoded(png(image))
    assert (width, height) == (5, 3)
    assert not rows[:, 0].any()
    np.testing.assert_array_equal(rows[:, 1:].reshape(3, 5, 3), image)
    assert base64.b64decode(uri(image).partition(",")[2]) == png(image)


def test_strengths_are_few_and_bounded() -> None:
    values = np.array([[[0.0, 255.0, 300.0, -5.0, np.nan, np.inf, 128.0]]])
    np.testing.assert_array_equal(strengths(values)[0, 0], [0, 255, 255, 0, 0, 255, 136])
    assert len(np.unique(strengths(np.linspace(0, 255, 999).reshape(1, 1, -1)))) == LEVELS


def test_large_images_become_means_of_blocks() -> None:
    images = np.random.default_rng(0).uniform(size=(2, 28, 28))
    half = smaller(images, 14)
    np.testing.assert_allclose(half, images.reshape(2, 14, 2, 14, 2).mean((2, 4)))
    assert smaller(images, 28) is images
    assert smaller(np.ones((1, 5, 30)), 10).shape == (1, 2, 10)
    assert (smaller(np.ones((1, 5, 30)), 10) == 1).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.floats(0.05, 0.6), st.integers(0, 12), st.integers(0, 99))
def test_squares_do_not_overlap_and_none_more_fits(
    n: int, size: float, most: int, seed: int
) -> None:
    points = np.random.default_rng(seed).uniform(size=(n, 2))
    chosen = spread(points, size, most)
    assert len(chosen) <= most
    apart = np.abs(points[:, None] - points[None]).max(-1)
    among = apart[np.ix_(chosen, chosen)]
    assert (among[~np.eye(len(chosen), dtype=bool)] >= size).all()
    if len(chosen) < most:
        assert (apart[:, chosen].min(1) < size).all()


def test_no_points() -> None:
    assert spread(np.zeros((0, 2)), 1.0, 5) == []
