"""Modalities side by side are as wide as a row."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data import DataSet
from layerwise.platform.data.modality import Modality


def test_modalities_share_a_row() -> None:
    parts = Modality("image", 768), Modality("tags", 40)
    rows = np.zeros((1, sum(part.width for part in parts)), np.float32)
    data = DataSet("both", rows, rows, rows, modalities=parts)
    assert data.visible == 808
    assert data.digest == DataSet("both", rows, rows, rows).digest
