"""Rows of a data set as images that can be shown: colours as their grey, the image alone."""

from __future__ import annotations

import numpy as np

from ..data import DataSet


def as_images(rows: np.ndarray, data: DataSet) -> np.ndarray:
    """(n, height, width) of rows (n, visible), in the data's units.

    Colour planes are averaged; of several modalities the first is the image.

    Raises:
        ValueError: the data are no images.
    """
    if data.image_shape is None:
        raise ValueError(f"{data.name} has no images")
    height, width = data.image_shape
    planes = rows[:, : data.channels * height * width]
    return np.asarray(planes.reshape(-1, data.channels, height, width).mean(1))
