"""The linear autoencoder ends where principal components do, and can begin there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, settings

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.estimator import Estimator


def angle_and_ratio(network: Estimator, x: np.ndarray) -> tuple[float, float]:
    """The largest angle between decoder and principal components, and the ratio of errors."""
    hidden = network.hidden_
    _, singular, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    decoder, _ = np.linalg.qr(network.weights()["decoder_weight"].T)
    # The sine is what tells small angles: a cosine of 1 − 1e-16 is still 1e-8 away.
    outside = decoder - axes[:hidden].T @ (axes[:hidden] @ decoder)
    angle = np.arcsin(np.linalg.svd(outside, compute_uv=False).max())
    least = np.square(singular[hidden:]).sum() / len(x)
    return float(angle), float(-network.score_samples(x).mean() / least)


def test_training_from_random_weights_ends_in_the_principal_subspace() -> None:
    x = digits()
    network = create(
        "linear_autoencoder", hidden=4, epochs=1300, batch_size=len(x), learning_rate=0.02,
        dtype="float64",
    ).fit(x)  # fmt: skip
    angle, ratio = angle_and_ratio(network, x)
    assert angle < 1e-2
    assert abs(ratio - 1) < 1e-3


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("hidden", [1, 4, 30, 64])
def test_it_can_begin_at_the_principal_components(hidden: int, tied: bool) -> None:
    x = digits()
    network = create(
        "linear_autoencoder", hidden=hidden, tied=tied, epochs=0, dtype="float64",
        start="principal_components",
    ).fit(x)  # fmt: skip
    if hidden < 64:
        angle, ratio = angle_and_ratio(network, x)
        assert angle < 1e-3
        assert abs(ratio - 1) < 1e-6
    else:
        np.testing.assert_allclose(network.reconstruct(x), x, atol=1e-9)
    # Codes are the components' scores: uncorrelated, the largest variance first.
    code = network.encode(x)
    variances = code.var(0)
    assert (np.diff(variances) <= 1e-9).all()
    np.testing.assert_allclose(code.T @ code / len(x), np.diag(variances), atol=1e-9)


def test_training_stays_at_the_minimum_that_it_begins_at() -> None:
    x = digits()
    network = create(
        "linear_autoencoder", hidden=4, epochs=100, batch_size=len(x), optimiser="momentum",
        learning_rate=0.01, dtype="float64", start="principal_components",
    ).fit(x)  # fmt: skip
    angle, ratio = angle_and_ratio(network, x)
    assert angle < 1e-3
    assert abs(ratio - 1) < 1e-9


def test_trials_begin_at_the_components_of_their_own_source() -> None:
    case = Case("linear_autoencoder", {"start": "principal_components"})
    x = torch.tensor(digits()[:600]).view(2, 300, 64)
    network = cohort(case, [settings(case)] * 2, [0, 1], visible=64)
    network.meet(x)
    for trial in range(2):
        alone = cohort(case, [settings(case)], [0], visible=64)
        alone.meet(x[trial : trial + 1])
        for name, array in network.weights(trial).items():
            np.testing.assert_allclose(array, alone.weights()[name], atol=1e-10)


def test_a_start_that_cannot_be_is_refused() -> None:
    with pytest.raises(HyperparameterError, match="needs the identity"):
        create("linear_autoencoder", start="principal_components", activation="tanh")
    wide = create("linear_autoencoder", start="principal_components", hidden=7)
    with pytest.raises(InputError, match="at least as wide as its 7 hidden units, but got 3"):
        wide.fit(np.eye(3))


def test_code_and_reconstruction_are_linear() -> None:
    network = create("linear_autoencoder", visible=6, hidden=2, dtype="float64")
    x, y = np.random.default_rng(0).normal(size=(2, 3, 6))
    for method in (network.encode, network.reconstruct):
        np.testing.assert_allclose(method(x) + method(y), method(x + y) + method(0 * x), atol=1e-12)
