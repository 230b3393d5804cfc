"""Scores of anomalies: closed forms, a sample's own, and which one a network is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layerwise.models import Stack, create
from layerwise.platform.contests import detectors
from layerwise.platform.contests.detectors import (
    DENOISING_ERROR,
    DRAWS,
    FREE_ENERGY,
    RECONSTRUCTION_ERROR,
)
from layerwise.platform.data import load
from layerwise.platform.study import Data

NOISY = {"corruption": {"kind": "gaussian", "level": 0.3}, "epochs": 3, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return load(Data(name="digits")).test[:200]


def test_a_network_is_asked_for_what_it_was_trained_to_lower(digits: np.ndarray) -> None:
    asked = {
        "bernoulli_rbm": [FREE_ENERGY, RECONSTRUCTION_ERROR],
        "gaussian_rbm": [FREE_ENERGY, RECONSTRUCTION_ERROR],
        "deep_boltzmann_machine": [FREE_ENERGY, RECONSTRUCTION_ERROR],
        "autoencoder": [RECONSTRUCTION_ERROR],
        "denoising_autoencoder": [DENOISING_ERROR, RECONSTRUCTION_ERROR],
    }
    for model, expected in asked.items():
        found = detectors.of_network(create(model, visible=64, hidden=5), 0)
        assert list(found) == expected
        assert all(score(digits).shape == (200,) for score in found.values())
    noiseless = create("denoising_autoencoder", 64, 5, corruption={"level": 0.0})
    assert list(detectors.of_network(noiseless, 0)) == [RECONSTRUCTION_ERROR]


def test_a_stack_is_corrupted_where_it_sees_the_data(digits: np.ndarray) -> None:
    layers = [create("denoising_autoencoder", 64, 8, **NOISY), create("bernoulli_rbm", 8, 3)]
    stack = Stack([layer.fit(x) for layer, x in zip(layers, _inputs(layers, digits), strict=True)])
    found = detectors.of_network(stack, 0)
    assert list(found) == [DENOISING_ERROR, RECONSTRUCTION_ERROR]
    expected = -stack.score_samples(digits)
    np.testing.assert_allclose(found[RECONSTRUCTION_ERROR](digits), expected, rtol=1e-5)


def test_free_energy_is_the_machines(digits: np.ndarray) -> None:
    machine = create("gaussian_rbm", hidden=6, epochs=2).fit(digits)
    found = detectors.of_network(machine, 0)[FREE_ENERGY](digits)
    np.testing.assert_array_equal(found, machine.free_energy(digits))


def test_denoising_error_of_a_linear_network_has_a_closed_form() -> None:
    # r(x) = Ax: E ‖A(x + σε) − x‖² = ‖Ax − x‖² + σ² ‖A‖²_F.
    linear = create("autoencoder", 3, 3, activation="identity", **(NOISY | {"epochs": 0}))
    weight = np.diag([0.5, 0.25, 0.0])
    linear.set_weights({
        "weight": weight, "decoder_weight": np.eye(3), "hidden_bias": np.zeros(3),
        "decoder_bias": np.zeros(3),
    })  # fmt: skip
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    found = np.mean([detectors.of_network(linear, s)[DENOISING_ERROR](x) for s in range(60)], 0)
    expected = np.square(x @ weight - x).sum(1) + 0.3**2 * np.square(weight).sum()
    error = 4 * 2 * 0.3 * 0.5 * np.abs(x).max() / np.sqrt(60 * DRAWS)
    np.testing.assert_allclose(found, expected, atol=error)


def test_a_score_is_the_samples_own(digits: np.ndarray) -> None:
    network = create("denoising_autoencoder", hidden=16, **NOISY).fit(digits)
    order = np.random.default_rng(1).permutation(len(digits))
    for name, score in detectors.of_network(network, 3).items():
        found = score(digits)
        np.testing.assert_allclose(score(digits[order]), found[order], rtol=1e-5, err_msg=name)
        np.testing.assert_allclose(score(digits[:7]), found[:7], rtol=1e-5)
        np.testing.assert_array_equal(score(digits), found)
        # Real scores of real samples do not tie.
        assert len(np.unique(found)) > 0.9 * len(np.unique(digits, axis=0))
    other = detectors.of_network(network, 4)[DENOISING_ERROR](digits)
    assert not np.array_equal(other, detectors.of_network(network, 3)[DENOISING_ERROR](digits))


@pytest.mark.parametrize("kind", ["masking", "salt_and_pepper"])
def test_any_corruption_is_put_on_as_in_training(kind: str, digits: np.ndarray) -> None:
    network = create("denoising_autoencoder", 64, 4, corruption={"kind": kind, "level": 1.0})
    found = detectors.of_network(network, 0)[DENOISING_ERROR](digits)
    if kind == "masking":
        # Everything is masked: what is left is the reconstruction of nothing.
        nothing = network.reconstruct(np.zeros_like(digits))
        np.testing.assert_allclose(found, np.square(nothing - digits).sum(1), rtol=1e-5)
    assert np.isfinite(found).all()


def test_components_beside_a_code() -> None:
    x = np.random.default_rng(0).normal(size=(500, 4)) * [3.0, 1.0, 0.1, 0.1]
    assert [detectors.components(x, code) for code in (1, 2, 3)] == [1, 2, 3]
    # Nine tenths of the variance are in the first, one in the second.
    assert detectors.components(x, 4) == detectors.components(x, 400) in (1, 2)
    assert detectors.components(np.zeros((5, 3)), 3) == 1
    assert detectors.components(np.ones((5, 1)), 1) == 1


def test_what_principal_components_leave_out() -> None:
    train = np.array([[-2.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [1.0, 0.0]], np.float32)
    found = detectors.principal(train, 1)(np.array([[9.0, 0.0], [0.0, 3.0]], np.float32))
    np.testing.assert_allclose(found, [0.0, 9.0], atol=1e-12)
    away = detectors.principal(train + 1, 0)(np.array([[4.0, 5.0]], np.float32))
    np.testing.assert_allclose(away, [25.0])


def test_distance_to_training_samples() -> None:
    train = np.array([[0.0], [1.0], [5.0]], np.float32)
    found = detectors.nearest(train, 2)(np.array([[0.0], [4.0]], np.float32))
    np.testing.assert_allclose(found, [1.0, 3.0])
    # No more neighbours than there are.
    np.testing.assert_allclose(detectors.nearest(train, 9)(train[:1]), [5.0])


def test_an_isolation_forest_isolates() -> None:
    train = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    near, far = detectors.forest(train, 0)(np.array([[0.0, 0.0], [6.0, -6.0]], np.float32))
    assert 0 < near < far < 1
    again = detectors.forest(train, 0)(train)
    np.testing.assert_array_equal(again, detectors.forest(train, 0)(train))


def _inputs(layers: list, x: np.ndarray) -> list[np.ndarray]:
    torch.set_num_threads(1)
    return [x, layers[0].fit(x).encode(x)]
