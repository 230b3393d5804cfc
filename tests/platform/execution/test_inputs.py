"""What a trained network is told about its data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from layerwise.platform.data import DataSet
from layerwise.platform.data.modality import Modality
from layerwise.platform.data.scale import KINDS, apply, fitted
from layerwise.platform.execution.inputs import inputs_of

X = np.random.default_rng(0).random((9, 6)).astype(np.float32)
DATA = DataSet("made", X[:5], X[5:7], X[7:], image_shape=(1, 2), channels=2)


def test_it_is_what_the_data_set_says() -> None:
    found = inputs_of(DATA)
    assert (found.visible, found.image_shape, found.channels) == (6, (1, 2), 2)
    assert (found.features, found.modalities, found.offset) == ((), (), None)
    assert found.example is not None
    np.testing.assert_array_equal(found.example, X[7])
    modalities = (Modality("image", 4), Modality("tags", 2))
    named = dataclasses.replace(DATA, features=tuple("abcdef"), modalities=modalities)
    found = inputs_of(named)
    assert found.features == tuple("abcdef")
    assert found.modalities == (("image", 4), ("tags", 2))


@pytest.mark.parametrize("kind", KINDS)
def test_scaled_as_the_training_samples_were(kind: str) -> None:
    own = np.random.default_rng(1).normal(5, 3, (9, 6)).astype(np.float32)
    own[:, 3] = 2.0
    scaling = fitted(own[:5], kind)
    splits = own.copy()
    apply(splits, scaling, kind)
    data = DataSet("made", splits[:5], splits[5:7], splits[7:], scaling=scaling)
    found = inputs_of(data, kind)
    np.testing.assert_allclose(found.scaled(own), splits, rtol=1e-6)
    np.testing.assert_allclose(found.unscaled(found.scaled(own[:5])), own[:5], rtol=1e-6)
