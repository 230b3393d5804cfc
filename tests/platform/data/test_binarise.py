"""Grey values as binary states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerwise.platform.data import DataSource, binarise, load
from layerwise.platform.errors import DataError

GREY = np.tile(np.array([0.0, 0.25, 0.5, 1.0], dtype=np.float32), (20_000, 1))


def binarised(kind: str, seed: int) -> np.ndarray:
    """The states of GREY."""
    states = GREY.copy()
    binarise.apply(states, kind, seed)
    return states


def test_sampled_states_have_the_values_as_means() -> None:
    states = binarised("sampled", 0)
    assert set(np.unique(states)) == {0.0, 1.0}
    np.testing.assert_allclose(states.mean(0), GREY[0], atol=0.015)
    np.testing.assert_array_equal(states, binarised("sampled", 0))
    assert not np.array_equal(states, binarised("sampled", 1))


def test_a_threshold_is_a_half() -> None:
    np.testing.assert_array_equal(binarised("threshold", 0)[0], [0, 0, 1, 1])


def test_values_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(DataError, match="from 0 to 1, but got 'a range from 0 to 2'"):
        binarise.apply(2 * GREY, "sampled", 0)


@pytest.mark.parametrize("width", [1, 3])
def test_blocks_draw_as_one_call_does(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.full((50, width), 0.5, np.float32)
    expected = np.random.default_rng(3).random(values.shape, dtype=np.float32) < values
    monkeypatch.setattr(binarise, "_BLOCK_BYTES", 28 * width)  # seven rows: an odd number of draws
    binarise.apply(values, "sampled", 3)
    np.testing.assert_array_equal(values, expected)


def test_a_study_asks_for_it(source: Callable[..., DataSource]) -> None:
    grey, states = load(source("digits")), load(source("digits", binarise="sampled"))
    assert set(np.unique(states.test)) == {0.0, 1.0}
    assert states.digest != grey.digest
    np.testing.assert_allclose(states.train.mean(), grey.train.mean(), atol=0.01)
