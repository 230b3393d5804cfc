"""Rows as images: colour planes become grey, further modalities are left out."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.answer.as_images import as_images
from layerwise.platform.data import DataSet

NONE = np.zeros((0, 1), np.float32)


def test_planes_are_averaged_and_tags_left_out() -> None:
    data = DataSet("colours", NONE, NONE, NONE, image_shape=(2, 3), channels=3)
    planes = np.arange(18, dtype=np.float32).reshape(1, 3, 2, 3)
    row = np.concatenate([planes.reshape(1, -1), np.full((1, 4), 99.0)], 1)
    assert as_images(row, data).tolist() == planes.mean(1).tolist()


def test_a_grey_image_is_its_row() -> None:
    data = DataSet("grey", NONE, NONE, NONE, image_shape=(2, 2))
    assert as_images(np.array([[1.0, 2.0, 3.0, 4.0]]), data).tolist() == [[[1, 2], [3, 4]]]


def test_a_table_has_no_images() -> None:
    with pytest.raises(ValueError, match="table has no images"):
        as_images(np.zeros((1, 4)), DataSet("table", NONE, NONE, NONE))
