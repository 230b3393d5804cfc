"""Scaled by training, then binarised, each split with draws of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerwise.platform.data import DataSource, binarise, scale
from layerwise.platform.data.adjusted import adjust
from layerwise.platform.errors import DataError


def splits() -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.normal(size=(n, 3)).astype(np.float32) for n in (50, 10, 12)]


def test_training_alone_says_how_to_scale(source: Callable[..., DataSource]) -> None:
    found, expected = splits(), splits()
    scaling = adjust(found, source(scale="unit", binarise="sampled", split_seed=4))
    assert scaling is not None
    wanted = scale.fitted(expected[0], "unit")
    np.testing.assert_array_equal(scaling.offset, wanted.offset)
    for number, x in enumerate(expected):
        scale.apply(x, wanted, "unit")
        binarise.apply(x, "sampled", 12 + number)
        np.testing.assert_array_equal(found[number], x)


def test_without_terms_nothing_changes(source: Callable[..., DataSource]) -> None:
    found = splits()
    assert adjust(found, source()) is None
    for x, before in zip(found, splits(), strict=True):
        np.testing.assert_array_equal(x, before)
    with pytest.raises(DataError, match="needs values from 0 to 1"):
        adjust(found, source(binarise="threshold"))
