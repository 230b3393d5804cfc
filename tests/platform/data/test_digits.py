"""Digits are scikit-learn's, to the bit."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest

from layerwise.platform.data import DataSource, digits, load
from layerwise.platform.errors import DataError


def test_they_are_what_scikit_learn_reads() -> None:
    from sklearn.datasets import load_digits

    theirs = load_digits()
    ours = digits.read()
    assert ours.labels is not None
    np.testing.assert_array_equal(ours.x, theirs.data)
    np.testing.assert_array_equal(ours.labels, theirs.target)


def test_their_split_is_known_for_ever(source: Callable[..., DataSource]) -> None:
    data = load(source("digits"))
    assert data.describe() == {
        "name": "digits",
        "digest": "d1e8a741beb9ed1403a7d6df84fb84cfe15f4272ec3ebc44033e5503a3467ce7",
        "train": 1258,
        "validation": 269,
        "test": 270,
        "visible": 64,
        "image_shape": [8, 8],
    }
    assert data.train.min() == 0.0
    assert data.train.max() == 1.0
    assert load(source("digits", split_seed=1)).digest != data.digest


def test_without_scikit_learn_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [m for m in sys.modules if m.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    assert digits.where() is None
    with pytest.raises(DataError, match=r"must be readable .* pip install"):
        digits.read()
