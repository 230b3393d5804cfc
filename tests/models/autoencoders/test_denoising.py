"""The denoising autoencoder undoes the noise it was trained on, and so learns the data's score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models import create
from layerwise.models.training import Checkpoint, Training

MEAN = np.array([1.0, -0.5, 2.0])
COVARIANCE = np.array([[2.0, 0.9, 0.1], [0.9, 1.0, -0.3], [0.1, -0.3, 0.5]])
LEVEL = 0.6
PROBE = np.random.default_rng(3).multivariate_normal(MEAN, COVARIANCE, size=200)
GAUSSIAN: dict[str, Any] = {
    "hidden": 3, "activation": "identity", "dtype": "float64",
    "corruption": {"kind": "gaussian", "level": LEVEL},
}  # fmt: skip


def smoothed_score(mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """∂ log p/∂x at the probe, p the Gaussian density after the noise: N(mean, Σ + level² I)."""
    smoothed = covariance + LEVEL**2 * np.eye(3)
    return -np.linalg.solve(smoothed, (PROBE - mean).T).T


def test_it_restores_masked_inputs_better_than_a_plain_one() -> None:
    x = digits()[:1000]
    masked = x * (np.random.default_rng(0).random(x.shape) >= 0.3)
    errors = [
        np.square(
            create("denoising_autoencoder", hidden=64, corruption={"level": level}, epochs=30)
            .fit(x)
            .reconstruct(masked)
            - x
        )
        .sum(1)
        .mean()
        for level in (0.0, 0.3)
    ]
    assert errors[1] < 0.75 * errors[0]


def test_full_emphasis_restores_masked_inputs_better_and_the_others_worse() -> None:
    x = digits()[:1000]
    masked = np.random.default_rng(0).random(x.shape) < 0.4
    hit, spared = [], []
    for emphasis in (0.0, 0.5, 1.0):
        network = create(
            "denoising_autoencoder", hidden=64, epochs=40,
            corruption={"level": 0.4, "emphasis": emphasis},
        ).fit(x)  # fmt: skip
        error = np.square(network.reconstruct(x * ~masked) - x)
        hit.append(error[masked].mean())
        spared.append(error[~masked].mean())
    assert hit[0] > hit[1] > hit[2]
    assert spared[0] < spared[1] < spared[2]


def test_the_best_gaussian_denoiser_gives_the_smoothed_score_exactly() -> None:
    """r(x) = μ + Σ(Σ + σ²I)⁻¹(x − μ) (Alain & Bengio 2014; Miyasawa 1961)."""
    shrinking = np.linalg.solve(COVARIANCE + LEVEL**2 * np.eye(3), COVARIANCE)
    network = create("denoising_autoencoder", visible=3, **GAUSSIAN).set_weights(
        {
            "weight": shrinking,
            "hidden_bias": -MEAN @ shrinking,
            "decoder_weight": np.eye(3),
            "decoder_bias": MEAN,
        }
    )
    np.testing.assert_allclose(
        network.score(PROBE), smoothed_score(MEAN, COVARIANCE), rtol=0, atol=1e-10
    )


def test_solved_in_closed_form_it_gives_the_smoothed_score_exactly() -> None:
    x = np.random.default_rng(0).multivariate_normal(MEAN, COVARIANCE, size=500)
    network = create(
        "marginalised_denoising_autoencoder", start="closed_form", epochs=0, **GAUSSIAN
    ).fit(x)
    expected = smoothed_score(x.mean(0), np.cov(x.T, bias=True))
    np.testing.assert_allclose(network.score(PROBE), expected, rtol=0, atol=1e-10)


def test_trained_on_gaussian_data_it_gives_the_smoothed_score() -> None:
    x = np.random.default_rng(0).multivariate_normal(MEAN, COVARIANCE, size=20_000)
    network = create(
        "denoising_autoencoder", epochs=12, batch_size=200, learning_rate=0.02,
        learning_rate_decay=1.0, seed=1, **GAUSSIAN,
    ).fit(x)  # fmt: skip
    expected = smoothed_score(MEAN, COVARIANCE)
    error = np.linalg.norm(network.score(PROBE) - expected) / np.linalg.norm(expected)
    assert error < 0.05


@pytest.mark.parametrize("kind", ["gaussian", "masking", "salt_and_pepper"])
def test_noise_differs_per_epoch_and_is_bit_equal_after_a_resume(kind: str) -> None:
    """With a learning rate of 0 only the noise can change the error from epoch to epoch."""
    case = Case("denoising_autoencoder", {"corruption.kind": kind})
    trials = [settings(case, learning_rate=rate) for rate in (0.0, 0.02)]
    samples = made_samples([0, 1])

    def training(resume: Checkpoint | None = None) -> Training:
        return Training(cohort(case, trials, [4, 5]), samples, samples, 4, resume)

    whole, epochs, held = training(), {}, None
    for epoch in whole:
        epochs[epoch.number] = epoch.metrics
        if epoch.number == 2:
            held = whole.checkpoint()
    errors = [epochs[number]["train/reconstruction_error"][0] for number in (1, 2, 3, 4)]
    assert len(set(errors)) == 4
    resumed = training(held)
    for epoch in resumed:
        assert epoch.number in (3, 4)
        for name, value in epoch.metrics.items():
            np.testing.assert_array_equal(value, epochs[epoch.number][name], err_msg=name)
    for trial in range(2):
        for name, array in whole.network.weights(trial).items():
            np.testing.assert_array_equal(array, resumed.network.weights(trial)[name])
