"""Splits: nothing lost, nothing twice, the same for ever."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layerwise.platform.data.split import in_turn, leading, permutation, three_ways, two_ways
from layerwise.platform.errors import DataError

SHARES = st.floats(0.05, 0.9)


@settings(deadline=None)
@given(st.integers(60, 500), SHARES, SHARES, st.integers(0, 2**63))
def test_every_sample_is_in_one_split(
    samples: int, validation: float, test: float, seed: int
) -> None:
    assume(validation + test < 0.95)
    splits = three_ways("x", permutation(samples, seed), validation, test)
    assert sorted(np.concatenate(splits)) == list(range(samples))
    for rows, share in zip(splits, (1 - validation - test, validation, test), strict=True):
        assert abs(len(rows) - share * samples) <= 1


def test_the_test_set_does_not_depend_on_validation() -> None:
    one, other = (three_ways("x", permutation(100, 3), share, 0.2)[2] for share in (0.1, 0.5))
    np.testing.assert_array_equal(one, other)


def test_two_ways_leave_nothing_out() -> None:
    train, validation = two_ways("x", permutation(10, 0), 0.2)
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
        three_ways("mine", permutation(20, 0), validation, test)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(DataError, match="split_seed: must be 0 or more, but got -1"):
        permutation(10, -1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 30), min_size=60, max_size=200), st.integers(0, 2**63))
def test_no_group_is_in_two_splits(listed: list[int], seed: int) -> None:
    groups = np.array(listed)
    assume(len(np.unique(groups)) >= 10)
    order = permutation(len(groups), seed)
    splits = three_ways("x", order, 0.2, 0.2, groups)
    assert sorted(np.concatenate(splits)) == list(range(len(groups)))
    within = [set(groups[rows].tolist()) for rows in splits]
    for one, other in itertools.combinations(within, 2):
        assert not one & other
    for own, share in zip(within, (0.6, 0.2, 0.2), strict=True):
        assert abs(len(own) - share * len(np.unique(groups))) <= 1


def test_large_groups_have_no_earlier_turn() -> None:
    groups = np.concatenate([np.zeros(900, np.int64), np.arange(1, 10)])
    firsts = [in_turn(permutation(len(groups), seed), groups)[0] for seed in range(400)]
    # By the earliest sample it would be the large group almost always; by lot one time in ten.
    assert 0.04 < np.mean(np.array(firsts) == 0) < 0.17


def test_rows_of_groups_keep_the_order_of_the_data() -> None:
    groups = np.repeat(np.arange(12), 7)
    for rows in three_ways("x", permutation(len(groups), 3), 0.25, 0.25, groups):
        assert (np.diff(rows) > 0).all()
        assert all(np.count_nonzero(groups[rows] == group) == 7 for group in groups[rows])


def test_fewer_samples_are_whole_groups_or_the_first_of_the_order() -> None:
    groups = np.repeat(np.arange(12), 7)
    order = permutation(len(groups), 3)
    assert leading(order, None).tolist() == order.tolist()
    assert leading(order, 20).tolist() == order[:20].tolist()
    some = leading(order, 20, groups)
    kept, counts = np.unique(groups[some], return_counts=True)
    assert counts.tolist() == [7, 7]
    assert set(kept) == set(in_turn(order, groups)[:2].tolist())
    assert len(leading(order, 1, groups)) == 7


def test_too_few_groups_are_said_as_groups() -> None:
    groups = np.repeat([0, 1], 50)
    with pytest.raises(DataError, match=r"enough groups .* '2 groups, split"):
        three_ways("x", permutation(100, 0), 0.2, 0.2, groups)
    with pytest.raises(DataError, match="enough groups"):
        two_ways("x", permutation(100, 0), 0.1, groups)
