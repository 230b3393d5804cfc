"""Clusters and neighbours of codes, against scikit-learn on the very codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score
from sklearn.neighbors import KNeighborsClassifier

from layerwise.platform.answer.evenly import evenly
from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import DataError
from layerwise.platform.study import Data
from layerwise.platform.uses.codes import QUERIES, STARTS, Codes

RAW = ["the inputs themselves"]
STUDY: dict[str, Any] = {
    "study": "codes",
    "data": {"name": "digits", "test": 0.1, "validation": 0.7},
    "seeds": [0, 1],
    "stages": [{"name": "codes", "model": "autoencoder", "hidden": 6, "epochs": 5}],
}


def test_contestants_and_their_numbers(trained: Any) -> None:
    found = trained(STUDY)
    nmi, ari, neighbours = Codes(neighbours=1).look(found).measures
    names = [one.name for one in nmi.contestants]
    assert names == ["codes", "untrained", "pca", "raw"]
    assert [one.control for one in nmi.contestants] == [False, True, True, True]
    labels = found.data.class_numbers
    for seed in (0, 1):
        encode = found.leaves[0].network(seed).encode
        train, test = encode(found.data.train), encode(found.data.test)
        clusters = KMeans(10, n_init=STARTS, random_state=seed).fit_predict(test.astype(float))
        expected = normalized_mutual_info_score(labels["test"], clusters)
        assert nmi.contestants[0].values[seed] == pytest.approx(expected)
        nearest = KNeighborsClassifier(1).fit(train.astype(float), labels["train"])
        expected = nearest.score(test.astype(float), labels["test"])
        assert neighbours.contestants[0].values[seed] == pytest.approx(expected)
    raw = neighbours.contestants[3].values
    assert raw[0] == raw[1]
    assert all(one.values.keys() == {0, 1} for one in ari.contestants)


def test_directions_alone_count_where_asked_for() -> None:
    codes = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert Codes(normalise=True)._prepared(codes).tolist() == [[0.6, 0.8], [0.0, 0.0]]


def test_data_without_classes_are_refused() -> None:
    data = load(Data(name="digits"))
    Codes().check(data)
    with pytest.raises(DataError, match="needs labels of at least two classes"):
        Codes().check(replace(data, labels=None))
    same = {split: np.zeros(len(y), int) for split, y in (data.labels or {}).items()}
    assert isinstance(data, DataSet)
    with pytest.raises(DataError):
        Codes().check(replace(data, labels=same))


def test_the_neighbours_of_images_are_shown(trained: Any) -> None:
    found = trained(STUDY)
    findings = Codes(neighbours=3).look(found)
    entries = findings.inside.entries["retrieval"]
    assert [entry["name"] for entry in entries] == ["codes", "PCA, 6 components", *RAW]
    assert [entry["control"] for entry in entries] == [False, True, True]
    data, arrays = found.data, findings.inside.arrays
    rows = evenly(len(data.test), QUERIES)
    for entry in entries:
        queries, shown, relevant = (
            arrays[entry["arrays"][part]] for part in ("queries", "found", "relevant")
        )
        assert queries.shape == (len(rows), 8, 8)
        assert shown.shape == (len(rows), 3, 8, 8)
        np.testing.assert_array_equal(queries.reshape(-1, 64), data.test[rows])
        assert set(np.unique(relevant)) <= {0.0, 1.0}
    # Of the inputs themselves, the nearest are so in the images too.
    apart = np.square(queries[:, None] - shown).sum((2, 3))
    assert (np.diff(apart, axis=1) >= -1e-4).all()
    least = np.square(data.test[rows][:, None] - data.train).sum(-1).min(1)
    np.testing.assert_allclose(apart[:, 0], least, rtol=1e-3)
    assert "of a code's neighbours share its label" in findings.said[0]


def test_without_images_nothing_is_shown(trained: Any) -> None:
    wine = {**STUDY, "data": {"name": "wine", "scale": "standardise"}}
    assert not Codes().look(trained(wine)).inside.entries
