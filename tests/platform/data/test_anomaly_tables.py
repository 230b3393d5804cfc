"""The tables that anomaly detectors are compared by have the published counts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSource, load
from layerwise.platform.data.anomaly_tables import TABLES
from layerwise.platform.errors import DataError

needs_file = pytest.mark.skipif(
    not Path(os.environ.get("LAYERWISE_DATA", "nowhere"), "anomaly_tables.npz").is_file(),
    reason="LAYERWISE_DATA names no folder with anomaly_tables.npz",
)

# Samples, inputs and anomalies, by ODDS (Rayana 2016).
PUBLISHED = {
    "breastw": (683, 9, 239),
    "pima": (768, 8, 268),
    "ionosphere": (351, 33, 126),
    "glass": (214, 9, 9),
    "wbc": (378, 30, 21),
}


@needs_file
@pytest.mark.parametrize("name", TABLES)
def test_they_are_of_the_published_sizes(source: Callable[..., DataSource], name: str) -> None:
    data = load(source(name))
    assert data.labels is not None
    every = np.concatenate([*data.labels.values()])
    samples, inputs, odd = PUBLISHED[name]
    assert (len(every), data.visible, every.sum()) == (samples, inputs, odd)
    assert set(every.tolist()) == {0, 1}
    assert TABLES[name].samples == samples
    assert str(inputs) in TABLES[name].shape
    assert str(odd) in TABLES[name].shape


@needs_file
def test_one_may_keep_anomalies_out_of_training(source: Callable[..., DataSource]) -> None:
    data = load(source("glass", anomalous=[1]))
    assert data.labels is not None
    assert [int(data.labels[s].sum()) for s in ("train", "validation", "test")] == [0, 0, 9]


def test_without_the_file_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    with pytest.raises(DataError, match=r"glass: needs anomaly_tables\.npz .*LAYERWISE_DATA"):
        TABLES["glass"].read()
