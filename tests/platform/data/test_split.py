"""Splits: nothing lost, nothing twice, the same for ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layerwise.platform.data.split import permutation, three_ways, two_ways
from layerwise.platform.errors import DataError

SHARES = st.floats(0.05, 0.9)


@settings(deadline=None)
@given(st.integers(60, 500), SHARES, SHARES, st.integers(0, 2**63))
def test_every_sample_is_in_one_split(
    samples: int, validation: float, test: float, seed: int
) -> None:
    assume(validation + test < 0.95)
    splits = three_ways("x", samples, validation, test, seed)
    assert sorted(np.concatenate(splits)) == list(range(samples))
    for rows, share in zip(splits, (1 - validation - test, validation, test), strict=True):
        assert abs(len(rows) - share * samples) <= 1


def test_the_test_set_does_not_depend_on_validation() -> None:
    one, other = (three_ways("x", 100, share, 0.2, 3)[2] for share in (0.1, 0.5))
    np.testing.assert_array_equal(one, other)


def test_two_ways_leave_nothing_out() -> None:
    train, validation = two_ways("x", 10, 0.2, 0)
    assert (len(train), len(validation)) == (8, 2)
    assert sorted([*train, *validation]) == list(range(10))


def test_the_order_is_the_same_with_every_numpy_and_machine() -> None:
    assert permutation(10, 0).tolist() == [3, 2, 1, 8, 6, 0, 7, 4, 5, 9]
    assert permutation(10, 1).tolist() == [9, 2, 4, 7, 5, 0, 8, 6, 3, 1]


@pytest.mark.parametrize(
    ("validation", "test", "match"),
    [
        (0.0, 0.2, "data.validation: must be a share between 0 and 1, both excluded, but got 0.0"),
        (0.2, 1.0, "data.test: must be a share"),
        (float("nan"), 0.2, "data.validation: must be a share"),
        (0.5, 0.5, r"must leave something to train on, but got '0.5 \+ 0.5'. Lower one"),
        (0.01, 0.5, "mine: needs enough samples .* got '20 samples, split 10, 0, 10'"),
    ],
)
def test_a_split_that_cannot_be_is_refused(validation: float, test: float, match: str) -> None:
    with pytest.raises(DataError, match=match):
        three_ways("mine", 20, validation, test, 0)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(DataError, match="split_seed: must be 0 or more, but got -1"):
        permutation(10, -1)
