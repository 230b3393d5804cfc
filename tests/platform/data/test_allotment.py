"""Rows go into splits by the terms of a study; whole data sets are tested in test_catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerwise.platform.data import DataSource
from layerwise.platform.data.allotment import Published, allotted
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]


@pytest.mark.parametrize("samples", [None, 10, 200])
@pytest.mark.parametrize("rows", [10, 37, 300])
def test_no_row_is_in_two_splits(source: MAKE, rows: int, samples: int | None) -> None:
    for seed in range(5):
        found = allotted("t", rows, None, source(split_seed=seed, samples=samples))
        together = np.concatenate([found.train, found.validation, found.test])
        assert len(np.unique(together)) == len(together) == min(rows, samples or rows)


def test_anomalies_are_in_the_test_but_for_a_share(source: MAKE) -> None:
    labels = np.array(["a", "b", "odd"] * 40)
    found = allotted("t", 120, labels, source(anomalous=["odd"], contamination=0.1))
    assert found.labels is not None
    assert found.labels.tolist() == [0, 0, 1] * 40
    assert not found.labels[found.validation].any()
    assert found.labels[found.train].mean() == pytest.approx(0.1, abs=0.02)
    assert found.labels[found.train].sum() + found.labels[found.test].sum() == 40
    with pytest.raises(DataError, match="t has none"):
        allotted("t", 120, None, source(anomalous=["odd"]))


def test_a_published_test_set_is_whole(source: MAKE) -> None:
    published = Published(7, np.array(["a", "odd"] * 3 + ["a"]))
    labels = np.array(["a", "odd"] * 20)
    found = allotted("t", 40, labels, source(anomalous=["odd"]), published=published)
    assert found.test.tolist() == list(range(7))
    assert found.published_labels is not None
    assert found.published_labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
