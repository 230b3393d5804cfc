"""Some of many samples."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from layerwise.models.measures.examination import evenly as of_tensors
from layerwise.platform.answer.evenly import evenly


@given(st.integers(1, 400), st.integers(1, 50))
def test_they_are_those_that_measures_take(length: int, most: int) -> None:
    found = evenly(length, most)
    assert len(found) == min(length, most)
    np.testing.assert_array_equal(found, of_tensors(torch.arange(length), most).numpy())
