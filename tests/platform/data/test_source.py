"""Samples become float32 in the data's units, and keep their labels."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data.source import Samples


def test_rows_are_scaled_and_contiguous() -> None:
    samples = Samples(np.asfortranarray(np.arange(8, dtype=np.uint8).reshape(4, 2)), None, 2.0)
    x, labels = samples[np.array([3, 1])]
    assert x.tolist() == [[3.0, 3.5], [1.0, 1.5]]
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert labels is None


def test_labels_follow_their_rows() -> None:
    x, labels = Samples(np.eye(3), np.array(["a", "b", "c"]))[np.array([2, 0])]
    assert labels is not None
    assert labels.tolist() == ["c", "a"]
    assert x.tolist() == [[0, 0, 1], [1, 0, 0]]
