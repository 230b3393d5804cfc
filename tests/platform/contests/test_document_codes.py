"""tf-idf by its formula, and directions that keep what they can of it."""

from __future__ import annotations

import numpy as np

from layerwise.platform.contests.document_codes import singular_directions, tf_idf

TRAIN = np.random.default_rng(0).poisson(0.6, (40, 9)).astype(np.float64) + np.eye(9)[0]


def test_tf_idf_is_its_formula() -> None:
    weight = np.log((1 + len(TRAIN)) / (1 + (TRAIN > 0).sum(0))) + 1
    expected = TRAIN[:5] * weight
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(tf_idf(TRAIN)(TRAIN[:5]), expected)


def test_directions_keep_as_much_as_any_can() -> None:
    weighted = tf_idf(TRAIN)(TRAIN)
    codes = singular_directions(TRAIN, 4)(TRAIN)
    assert codes.shape == (40, 4)
    singular = np.linalg.svd(weighted, compute_uv=False)
    np.testing.assert_allclose(np.square(codes).sum(), np.square(singular[:4]).sum(), rtol=1e-6)


def test_there_are_fewer_directions_than_words() -> None:
    assert singular_directions(TRAIN, 100)(TRAIN).shape == (40, 8)
