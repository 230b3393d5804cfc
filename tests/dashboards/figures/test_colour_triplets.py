"""Ratios by plain NumPy, pictures as they were recorded, records that are not whole."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from made_uses import made_arrays, with_uses

from layerwise.dashboards.figures import colour_triplets
from layerwise.dashboards.frames import Frames


def made(part: str) -> np.ndarray[Any, Any]:
    return np.asarray(np.float32(made_arrays()[f"inside/colour/0/{part}"]), np.float64)


def psnr(image: np.ndarray[Any, Any], true: np.ndarray[Any, Any]) -> float:
    return float(20 * np.log10(255) - 10 * np.log10(((image - true) ** 2).mean()))


def test_ratios_of_every_picture(crossing: Frames) -> None:
    frames = with_uses(crossing)
    table = colour_triplets.table(frames)
    assert len(table) == 3 * 9
    versions = {
        "grey input": np.repeat(made("grey")[..., None], 3, -1),
        "baseline": made("baseline"),
        "colourised": made("colourised"),
    }
    for name, images in versions.items():
        expected = [psnr(a, b) for a, b in zip(images, made("true"), strict=True)]
        np.testing.assert_allclose(table.loc[table["version"] == name, "psnr"], expected)
        assert f"{np.mean(expected):.1f}" in colour_triplets.sentence(frames)
    assert "mean over 9 pictures" in colour_triplets.sentence(frames)


def test_pictures_are_drawn_as_recorded(crossing: Frames) -> None:
    drawn = colour_triplets.draw(with_uses(crossing))
    images = drawn.layout["images"]
    assert len(images) == 4 * 8
    content = base64.b64decode(images[24]["source"].partition(",")[2])
    assert struct.unpack(">IIBB", content[16:26]) == (16, 16, 8, 2)
    at = content.index(b"IDAT")
    length = struct.unpack(">I", content[at - 4 : at])[0]
    rows = np.frombuffer(zlib.decompress(content[at + 4 : at + 4 + length]), np.uint8)
    pixels = rows.reshape(16, 1 + 48)[:, 1:].reshape(16, 16, 3)
    np.testing.assert_array_equal(pixels, np.round(made("true")[0]))
    assert drawn.layout["yaxis"]["ticktext"][0] == "grey input"
    assert len(drawn.traces) == 3
    assert len(colour_triplets.draw(with_uses(crossing), shown=3).layout["images"]) == 12
    colour_triplets.figure(with_uses(crossing))


def test_large_pictures_become_smaller(crossing: Frames) -> None:
    grey, colours = np.full((1, 200, 130), 9.0), np.full((1, 200, 130, 3), 9.0)
    frames = with_uses(
        crossing,
        colour__0__grey=grey,
        colour__0__true=colours,
        colour__0__colourised=colours,
        colour__0__baseline=colours[:, :5],
    )
    images = colour_triplets.draw(frames).layout["images"]
    assert len(images) == 3
    content = base64.b64decode(images[0]["source"].partition(",")[2])
    assert struct.unpack(">II", content[16:24]) == (33, 50)
    assert colour_triplets.table(frames)["psnr"].tolist() == [np.inf, np.inf]
    assert "∞" in colour_triplets.sentence(frames)
    colour_triplets.figure(frames)


@pytest.mark.parametrize(
    "arrays",
    [
        {"grey": np.zeros((9, 16))},
        {"grey": np.zeros((9, 8, 8))},
        {"true": np.zeros((9, 16, 16, 4))},
        {"colourised": np.full((9, 16, 16, 3), np.nan)},
    ],
)
def test_what_does_not_fit_is_not_there(crossing: Frames, arrays: dict[str, Any]) -> None:
    frames = with_uses(crossing, **{f"colour__0__{part}": one for part, one in arrays.items()})
    assert colour_triplets.table(frames).empty
    assert colour_triplets.draw(frames).traces == []


def test_no_record(crossing: Frames) -> None:
    assert colour_triplets.table(crossing).empty
    assert colour_triplets.sentence(crossing) == "No colourised picture was recorded."
