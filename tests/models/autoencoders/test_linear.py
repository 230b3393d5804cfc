"""The linear autoencoder ends where principal components do."""

from __future__ import annotations

import numpy as np
from made_cohorts import digits

from layerwise.models import create


def test_its_minimum_spans_the_principal_components() -> None:
    x = digits()
    _, singular, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    network = create(
        "linear_autoencoder", hidden=4, epochs=1300, batch_size=len(x), learning_rate=0.02,
        dtype="float64",
    ).fit(x)  # fmt: skip
    decoder, _ = np.linalg.qr(network.weights()["decoder_weight"].T)
    cosines = np.linalg.svd(decoder.T @ axes[:4].T, compute_uv=False)
    assert np.arccos(np.clip(cosines, -1, 1)).max() < 1e-2
    least = np.square(singular[4:]).sum() / len(x)
    error = -network.score_samples(x).mean()
    assert abs(error / least - 1) < 1e-3


def test_code_and_reconstruction_are_linear() -> None:
    network = create("linear_autoencoder", visible=6, hidden=2, dtype="float64")
    x, y = np.random.default_rng(0).normal(size=(2, 3, 6))
    for method in (network.encode, network.reconstruct):
        np.testing.assert_allclose(method(x) + method(y), method(x + y) + method(0 * x), atol=1e-12)
