"""A folder of images is a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from layerwise.platform.data.image import Image
from layerwise.platform.data.image_folder import read
from layerwise.platform.errors import DataError


def save(path: Path, grey: int, size: tuple[int, int] = (9, 12)) -> None:
    path.parent.mkdir(exist_ok=True)
    PIL.Image.new("RGB", size, (grey, grey, grey)).save(path)


def test_rows_are_in_the_order_of_names(tmp_path: Path) -> None:
    for name, grey in (("dark/b.png", 20), ("dark/a.bmp", 10), ("bright/z.png", 200)):
        save(tmp_path / name, grey)
    samples = read(tmp_path, Image(4, "rgb"))
    assert samples.x[:, 0].tolist() == [200, 10, 20]
    assert samples.labels is not None
    assert samples.labels.tolist() == ["bright", "dark", "dark"]
    assert (samples.x.shape, samples.x.dtype) == ((3, 48), np.uint8)
    assert (samples.image_shape, samples.channels) == ((4, 4), 3)
    x, _ = samples[np.array([0])]
    assert x == pytest.approx(200 / 255)


def test_grey_is_one_plane_and_the_default(tmp_path: Path) -> None:
    save(tmp_path / "a.png", 7)
    samples = read(tmp_path)
    assert (samples.x.shape, samples.channels, samples.labels) == ((1, 1024), 1, None)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", 7)
    (tmp_path / "b.png").write_text("not an image")
    with pytest.raises(DataError, match=r"b\.png: must be an image"):
        read(tmp_path)
