"""Two tables of scikit-learn's, to the bit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from layerwise.platform.data import DataSource, load
from layerwise.platform.data.known import Known
from layerwise.platform.data.scikit_learn_tables import TABLES
from layerwise.platform.data.source import Samples
from layerwise.platform.errors import DataError


@pytest.mark.parametrize(
    ("known", "theirs"),
    [
        (TABLES["breast_cancer"], datasets.load_breast_cancer()),
        (TABLES["wine"], datasets.load_wine()),
    ],
    ids=TABLES,
)
def test_they_are_what_scikit_learn_reads(known: Known, theirs: Any) -> None:
    ours = known.read()
    assert isinstance(ours, Samples)
    np.testing.assert_array_equal(ours.x, theirs.data)
    assert ours.labels is not None
    np.testing.assert_array_equal(ours.labels, theirs.target_names[theirs.target])
    assert list(ours.features) == list(theirs.feature_names)
    assert known.samples == len(ours.x)
    assert known.here is not None


def test_their_labels_may_be_anomalies(source: Callable[..., DataSource]) -> None:
    data = load(source("breast_cancer", anomalous=["malignant"], scale="standardise"))
    assert data.labels is not None
    assert [int(data.labels[s].sum()) for s in ("train", "validation", "test")] == [0, 0, 212]


def test_without_scikit_learn_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [m for m in sys.modules if m.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    assert TABLES["wine"].where() is None
    with pytest.raises(DataError, match=r"wine: must be readable .* pip install"):
        TABLES["wine"].read()
