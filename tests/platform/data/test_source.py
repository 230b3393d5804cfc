"""Samples become float32 in the data's units, and keep their labels."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from layerwise.platform.data import source
from layerwise.platform.data.source import Samples


def test_rows_are_scaled_and_contiguous() -> None:
    samples = Samples(np.asfortranarray(np.arange(8, dtype=np.uint8).reshape(4, 2)), None, 2.0)
    x, labels = samples[np.array([3, 1])]
    assert x.tolist() == [[3.0, 3.5], [1.0, 1.5]]
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert labels is None


def test_labels_follow_their_rows() -> None:
    x, labels = Samples(np.eye(3), np.array(["a", "b", "c"]))[np.array([2, 0])]
    assert labels is not None
    assert labels.tolist() == ["c", "a"]
    assert x.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_rows_come_in_blocks_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.random.default_rng(0).normal(size=(101, 7))
    rows = np.random.default_rng(1).permutation(101)
    monkeypatch.setattr(source, "_BLOCK_BYTES", 200)
    x, _ = Samples(table)[rows]
    np.testing.assert_array_equal(x, table[rows].astype(np.float32))


def test_a_split_is_never_there_twice() -> None:
    table = np.ones((40_000, 100), np.float64)
    tracemalloc.start()
    x, _ = Samples(table)[np.arange(len(table))]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One block, in both types, on top of the split.
    assert peak < x.nbytes + 1.6 * source._BLOCK_BYTES < table.nbytes + x.nbytes
