"""What travels with a trained network about its data, so that others can hand it their own."""

from __future__ import annotations

import numpy as np

from ...models.inputs import Inputs
from ..data import DataSet


def inputs_of(data: DataSet, scale: str | None = None) -> Inputs:
    """The rows of a data set, with the first test sample as an example of one.

    ``scale`` is the study's word for how its data were scaled.
    """
    scaling = data.scaling
    return Inputs(
        visible=data.visible,
        image_shape=data.image_shape,
        channels=data.channels,
        features=tuple(data.features),
        modalities=tuple((modality.name, modality.width) for modality in data.modalities),
        offset=None if scaling is None else scaling.offset,
        factor=None if scaling is None else scaling.factor,
        clipped=scale == "unit",
        example=np.asarray(data.test[0], dtype=np.float32),
    )
