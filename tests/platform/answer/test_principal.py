"""Principal components of codes, against NumPy's singular values."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.answer.principal import principal


@pytest.mark.parametrize("shape", [(60, 7), (12, 40), (20, 20)])
def test_they_are_the_singular_vectors_of_the_centred_codes(shape: tuple[int, int]) -> None:
    codes = np.random.default_rng(0).standard_normal(shape) * np.linspace(1, 4, shape[1])
    found = principal(codes, 3)
    centred = codes - codes.mean(0)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(found.shares, (values**2)[:3] / (values**2).sum())
    np.testing.assert_allclose(found.deviations, found.points.std(0))
    np.testing.assert_allclose(np.abs(found.directions @ directions[:3].T), np.eye(3), atol=1e-8)
    np.testing.assert_allclose(found.points, centred @ found.directions.T, atol=1e-10)
    np.testing.assert_allclose(found.mean, codes.mean(0))


def test_the_sign_is_fixed() -> None:
    codes = np.random.default_rng(1).standard_normal((30, 5))
    one, other = principal(codes, 2), principal(-codes, 2)
    np.testing.assert_allclose(one.directions, other.directions)
    assert (one.directions[np.arange(2), np.abs(one.directions).argmax(1)] > 0).all()


def test_directions_without_variance_are_left_out() -> None:
    codes = np.outer(np.arange(9.0), [1.0, 2.0, 0.0])
    found = principal(codes, 4)
    assert found.directions.shape == (1, 3)
    assert found.shares == pytest.approx([1.0])
    assert not len(principal(np.ones((5, 3)), 2).shares)
