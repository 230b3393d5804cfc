"""The nearest codes, by cosine."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from layerwise.models import retrieval
from layerwise.models.errors import InputError
from layerwise.models.retrieval import nearest

RNG = np.random.default_rng(0)


def test_it_finds_what_scikit_learn_finds() -> None:
    among, queries = RNG.normal(size=(200, 8)), RNG.normal(size=(30, 8))
    found = nearest(queries, among, k=7)
    reference = NearestNeighbors(n_neighbors=7, metric="cosine").fit(among)
    distances, places = reference.kneighbors(queries)
    np.testing.assert_array_equal(found.places, places)
    np.testing.assert_allclose(found.distances, distances, atol=1e-12)


def test_in_parts_it_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    among, queries = RNG.normal(size=(50, 4)), RNG.normal(size=(23, 4))
    whole = nearest(queries, among, k=5)
    monkeypatch.setattr(retrieval, "_MOST_AT_ONCE", 200)
    parts = nearest(queries, among, k=5)
    np.testing.assert_array_equal(whole.places, parts.places)
    np.testing.assert_allclose(whole.distances, parts.distances, atol=1e-14)


def test_directions_count_and_lengths_do_not() -> None:
    among = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0], [5.0, 5.0]])
    found = nearest([[7.0, 0.0]], among, k=4)
    np.testing.assert_array_equal(found.places, [[0, 3, 1, 2]])
    np.testing.assert_allclose(found.distances, [[0, 1 - np.sqrt(0.5), 1, 2]])


def test_of_equals_the_earlier_comes_first_and_zeros_lie_at_one() -> None:
    found = nearest([[1.0, 1.0]], [[2.0, 2.0], [0.0, 0.0], [1.0, 1.0]], k=3)
    np.testing.assert_array_equal(found.places, [[0, 2, 1]])
    np.testing.assert_allclose(found.distances, [[0, 0, 1]], atol=1e-15)


def test_what_cannot_be_searched_is_refused() -> None:
    x = np.ones((3, 2))
    with pytest.raises(InputError, match="needs k from 1 to 3, but got 4"):
        nearest(x, x, k=4)
    with pytest.raises(InputError, match="as wide as what is searched, 2, but got 3"):
        nearest(np.ones((1, 3)), x)
    with pytest.raises(InputError, match="a matrix of codes"):
        nearest(np.ones(2), x, k=1)
