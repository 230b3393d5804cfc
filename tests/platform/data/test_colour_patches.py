"""Patches of six photographs are the test set, and are of no other split."""

from __future__ import annotations

import os

import numpy as np
import pytest

from layerwise.platform.data import colour_patches
from layerwise.platform.errors import DataError

needs_file = pytest.mark.skipif(
    not os.environ.get("LAYERWISE_DATA"), reason="LAYERWISE_DATA names no folder with the file"
)


def test_without_the_variable_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert colour_patches.where() is None
    with pytest.raises(DataError, match=r"colour_patches: needs colour_patches\.npz"):
        colour_patches.read()


@needs_file
def test_the_published_test_set_is_of_other_photographs() -> None:
    train, test = colour_patches.read()
    assert len(train.x) + len(test.x) == colour_patches.SAMPLES
    assert train.groups is not None
    assert test.groups is not None
    assert not set(train.groups.tolist()) & set(test.groups.tolist())
    assert (len(set(train.groups.tolist())), len(set(test.groups.tolist()))) == (21, 6)
    for samples in (train, test):
        assert (samples.image_shape, samples.channels) == ((32, 32), 3)
        # Neighbours in a plane are alike: the planes are whole.
        planes = samples.x.reshape(-1, 3, 32, 32).astype(np.float64)
        assert np.abs(np.diff(planes, axis=3)).mean() < 0.3 * planes.std()
