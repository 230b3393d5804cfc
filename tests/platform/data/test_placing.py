"""Rows land where the split says, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.data.placing import fill
from layerwise.platform.errors import DataError


@given(st.integers(1, 60), st.data())
def test_blocks_give_what_indexing_gives(rows: int, data: st.DataObject) -> None:
    x = np.arange(rows * 2, dtype=np.float32).reshape(rows, 2)
    order = np.array(data.draw(st.permutations(range(rows))), np.intp)
    ends = sorted(data.draw(st.lists(st.integers(0, rows), min_size=3, max_size=3)))
    allotted = np.split(order, ends)[:3]  # what is left over is in no split
    cuts = sorted(data.draw(st.lists(st.integers(0, rows), max_size=5)))
    splits = [np.zeros((len(own), 2), np.float32) for own in allotted]
    fill("t", splits, allotted, rows, np.split(x, cuts))
    for split, own in zip(splits, allotted, strict=True):
        np.testing.assert_array_equal(split, x[own])


@pytest.mark.parametrize("rows", [9, 11])
def test_a_table_that_is_longer_or_shorter_is_refused(rows: int) -> None:
    split = np.zeros((10, 1), np.float32)
    with pytest.raises(DataError, match="must have 10 rows, as it says, but got"):
        fill("t", [split], [np.arange(10)], 10, [np.zeros((rows, 1), np.float32)])
