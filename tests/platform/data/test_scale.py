"""Inputs are scaled by what training says, and constant ones stay 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from layerwise.platform.data import scale

TABLES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(2, 30), st.integers(1, 5)),
    elements=st.floats(-1e6, 1e6, width=32),
)


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_unit_spans_0_to_1_exactly(train: np.ndarray) -> None:
    varying = train.min(0) < train.max(0)
    scaling = scale.fitted(train, "unit")
    scale.apply(train, scaling, "unit")
    assert (train.min(0) == 0).all()
    np.testing.assert_array_equal(train.max(0), varying.astype(np.float32))


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_standardise_gives_mean_0_and_variance_1(train: np.ndarray) -> None:
    varying = train.min(0) < train.max(0)
    # Beneath this the table's own rounding is all the variance there is.
    varying &= train.std(0, dtype=np.float64) > 1e-4 * np.abs(train).max(0)
    scaling = scale.fitted(train, "standardise")
    constant = train.min(0) == train.max(0)
    scale.apply(train, scaling, "standardise")
    np.testing.assert_allclose(train.mean(0, dtype=np.float64)[varying], 0, atol=1e-5)
    np.testing.assert_allclose(train.std(0, dtype=np.float64)[varying], 1, atol=1e-5)
    assert (train[:, constant] == 0).all()


def test_they_are_scikit_learn_s() -> None:
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    generator = np.random.default_rng(0)
    train, test = (generator.normal(3, 5, (n, 4)).astype(np.float32) for n in (50, 20))
    for kind, theirs in (("unit", MinMaxScaler(clip=True)), ("standardise", StandardScaler())):
        theirs.fit(train)
        ours = test.copy()
        scale.apply(ours, scale.fitted(train, kind), kind)
        np.testing.assert_allclose(ours, theirs.transform(test), atol=1e-5)


def test_what_lies_beyond_training_is_clipped_by_unit_alone() -> None:
    train = np.array([[0.0], [2.0]], np.float32)
    for kind, expected in (("unit", [[1], [0]]), ("standardise", [[9], [-3]])):
        other = np.array([[10.0], [-2.0]], np.float32)
        scale.apply(other, scale.fitted(train, kind), kind)
        np.testing.assert_allclose(other, expected)


@pytest.mark.parametrize("kind", scale.KINDS)
def test_a_constant_of_training_is_0_everywhere(kind: str) -> None:
    scaling = scale.fitted(np.full((7, 1), 0.1, np.float32), kind)
    other = np.array([[5.0]], np.float32)
    scale.apply(other, scaling, kind)
    assert other == 0


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    train = generator.normal(3, 5, (50, 3)).astype(np.float32)
    whole = scale.fitted(train, "standardise")
    monkeypatch.setattr(scale, "_BLOCK_BYTES", 100)
    parts = scale.fitted(train, "standardise")
    np.testing.assert_allclose(parts.factor, whole.factor, rtol=1e-12)
    once, blocked = train.copy(), train.copy()
    scale.apply(blocked, whole, "standardise")
    monkeypatch.undo()
    scale.apply(once, whole, "standardise")
    np.testing.assert_array_equal(once, blocked)
