"""An image becomes the row that one sees in it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from layerwise.platform.data.image import Image, pixel_names, read
from layerwise.platform.errors import DataError


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    PIL.Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


def test_planes_follow_each_other(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    row = read(save(tmp_path / "a.png", pixels), Image(8, "rgb"))
    np.testing.assert_array_equal(row.reshape(3, 8, 8), pixels.transpose(2, 0, 1))
    grey = read(tmp_path / "a.png", Image(8))
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey.reshape(8, 8), luma, atol=1)


def test_the_middle_square_is_kept(tmp_path: Path) -> None:
    pixels = np.zeros((6, 14), np.uint8)
    pixels[:, 4:10] = np.arange(36).reshape(6, 6)
    row = read(save(tmp_path / "a.png", pixels), Image(6))
    np.testing.assert_array_equal(row, np.arange(36))


def test_resizing_takes_every_pixel_into_account(tmp_path: Path) -> None:
    # Stripes of one pixel: without antialiasing they would be black or white.
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    row = read(save(tmp_path / "a.png", stripes), Image(8))
    assert row.reshape(8, 8)[:, 1:-1] == pytest.approx(127.5, abs=4)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., 3] = [0, 51, 204, 255]
    row = read(save(tmp_path / "a.png", pixels), Image(4, "rgb"))
    assert row[:4].tolist() == [255, 204, 51, 0]
    palette = PIL.Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), "P")
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.save(tmp_path / "a.gif", transparency=1)
    seen = read(tmp_path / "a.gif", Image(2, "rgb")).reshape(3, 2, 2)
    assert seen[:, 0, 0].tolist() == [255, 0, 0]
    assert seen[:, 0, 1].tolist() == [255, 255, 255]


def test_sixteen_bits_are_not_cut_off(tmp_path: Path) -> None:
    pixels = np.array([[0, 257 * 100], [257 * 200, 65_535]], np.uint16)
    assert read(save(tmp_path / "a.png", pixels), Image(2)).tolist() == [0, 100, 200, 255]


def test_a_camera_that_was_turned_is_turned_back(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8), np.uint8)
    pixels[0] = 255
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera's top is at the right
    path = save(tmp_path / "a.png", pixels, exif=exif)
    np.testing.assert_array_equal(read(path, Image(8)).reshape(8, 8), np.rot90(pixels, -1))


@pytest.mark.parametrize("suffix", ["png", "jpg", "jpeg", "bmp", "gif", "webp"])
def test_every_kind_is_read(tmp_path: Path, suffix: str) -> None:
    pixels = np.full((9, 7, 3), 80, np.uint8)
    assert read(save(tmp_path / f"a.{suffix}", pixels), Image(4)) == pytest.approx(80, abs=2)


@pytest.mark.parametrize("content", [b"", b"words", b"\x89PNG\r\n\x1a\n half", b"GIF89a", b"RIFF"])
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"holiday\.png: must be an image"):
        read(path, Image())


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp"])
def test_an_image_that_ends_too_early_is_named(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    path = save(tmp_path / f"half.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"half\.\w+: must be an image"):
        read(path, Image())


@pytest.mark.parametrize("side", [10_001, 14_000, 60_000])
def test_a_bomb_is_not_opened(tmp_path: Path, side: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    with pytest.raises(DataError, match=r"bomb\.png: must have at most 100 million pixels"):
        read(path, Image())


def test_every_input_has_a_name() -> None:
    names = pixel_names((2, 3), 3)
    assert len(set(names)) == 18
    assert (names[0], names[5], names[6], names[-1]) == (
        "red 0,0", "red 1,2", "green 0,0", "blue 1,2",
    )  # fmt: skip
    assert pixel_names((1, 1), 1) == ("grey 0,0",)


@pytest.mark.parametrize(
    ("size", "colour", "match"),
    [(1, "rgb", "size"), (32.0, "rgb", "whole number"), (32, "gray", "grey or rgb")],
)
def test_impossible_settings_are_refused(size: int, colour: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        Image(size, colour)
