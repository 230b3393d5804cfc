"""Ways through code and input of a network whose manifold is known."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models import Estimator, InputError, create

RNG = np.random.default_rng(0)
AXIS = np.array([0.6, 0.0, 0.8, 0.0])
X = RNG.normal(size=(300, 1)) * AXIS + 0.5


@pytest.fixture(scope="module")
def network() -> Estimator:
    """A denoising network of one linear unit, on data along one axis."""
    corruption = {"kind": "gaussian", "level": 0.2}
    return create(
        "denoising_autoencoder", hidden=1, activation="identity", corruption=corruption,
        epochs=300, tied=True, learning_rate=0.02, dtype="float64",
    ).fit(X)  # fmt: skip


def test_the_tangent_is_the_axis_of_the_data(network: Estimator) -> None:
    found = network.tangents(X[:3], 1)
    assert found.shape == (3, 1, 4)
    np.testing.assert_allclose(found[:, 0], np.tile(AXIS, (3, 1)), atol=0.02)


def test_a_traversal_and_an_interpolation_stay_on_the_axis(network: Estimator) -> None:
    for way in (network.traverse(X[:2], 0, places=5), network.interpolate(X[:2], X[2:4], places=5)):
        assert way.shape == (2, 5, 4)
        across = (way - 0.5) - ((way - 0.5) @ AXIS)[..., None] * AXIS
        assert np.abs(across).max() < 0.05
    ends = network.interpolate(X[:2], X[2:4], places=2)
    np.testing.assert_allclose(ends[:, 0], network.reconstruct(X[:2]))
    np.testing.assert_allclose(ends[:, 1], network.reconstruct(X[2:4]))
    with pytest.raises(InputError, match="needs a unit from 0 to 0"):
        network.traverse(X[:2], 1)
    with pytest.raises(InputError, match="needs ends of shape"):
        network.interpolate(X[:2], X[:3])


def test_chains_sample_the_data(network: Estimator) -> None:
    walked = network.walk_back(X, steps=30)
    np.testing.assert_allclose(walked.mean(0), X.mean(0), atol=0.2)
    np.testing.assert_allclose(np.cov(walked.T), np.cov(X.T), atol=0.25)
    smoothed = network.langevin(2000, steps=300)
    np.testing.assert_allclose(np.cov(smoothed.T), np.cov(X.T) + 0.04 * np.eye(4), atol=0.25)
    np.testing.assert_array_equal(smoothed[:5], network.langevin(2000, steps=300)[:5])
    other = create("autoencoder", hidden=1).fit(X)
    for chains in (lambda: other.walk_back(X), lambda: other.langevin(3)):
        with pytest.raises(InputError, match=r"corruption\.level"):
            chains()
