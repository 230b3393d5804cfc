"""Grey values as binary states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerwise.platform.data import DataSource, load
from layerwise.platform.data.binarise import binarised
from layerwise.platform.errors import DataError

GREY = np.tile(np.array([0.0, 0.25, 0.5, 1.0], dtype=np.float32), (20_000, 1))


def test_sampled_states_have_the_values_as_means() -> None:
    states = binarised(GREY, "sampled", 0)
    assert set(np.unique(states)) == {0.0, 1.0}
    np.testing.assert_allclose(states.mean(0), GREY[0], atol=0.015)
    np.testing.assert_array_equal(states, binarised(GREY, "sampled", 0))
    assert not np.array_equal(states, binarised(GREY, "sampled", 1))


def test_a_threshold_is_a_half() -> None:
    np.testing.assert_array_equal(binarised(GREY, "threshold", 0)[0], [0, 0, 1, 1])


def test_values_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(DataError, match="from 0 to 1, but got 'a range from 0 to 2'"):
        binarised(2 * GREY, "sampled", 0)


def test_a_study_asks_for_it(source: Callable[..., DataSource]) -> None:
    grey, states = load(source("digits")), load(source("digits", binarise="sampled"))
    assert set(np.unique(states.test)) == {0.0, 1.0}
    assert states.digest != grey.digest
    np.testing.assert_allclose(states.train.mean(), grey.train.mean(), atol=0.01)
