"""Fields as scores: closed forms of linear networks, and finite differences of energies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from layerwise.models import create
from layerwise.models.stack import Stack
from layerwise.platform.contests import fields
from layerwise.platform.contests.fields import Field

X = np.random.default_rng(0).normal(size=(40, 2))


def linear(matrix: list[list[float]]) -> Field:
    """The field x ↦ Ax."""
    rows = torch.tensor(matrix, dtype=torch.float64)
    return Field(lambda x: x @ rows.mT, 0.0, torch.float64)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [([[2.0, 1.0], [1.0, -3.0]], 0.0), ([[0.0, 1.0], [-1.0, 0.0]], 1.0),
     ([[1.0, 1.0], [-1.0, 1.0]], 0.5), ([[0.0, 0.0], [0.0, 0.0]], 0.0)],
)  # fmt: skip
def test_a_gradient_has_no_curl_and_a_rotation_has_nothing_else(
    matrix: list[list[float]], expected: float
) -> None:
    field = linear(matrix)
    slopes = field.slopes(X)
    np.testing.assert_allclose(slopes, np.broadcast_to(matrix, (40, 2, 2)))
    assert fields.curl(slopes) == pytest.approx(expected)
    np.testing.assert_allclose(field.score(X), X @ np.array(matrix).T)


def test_the_true_field_has_no_error_and_zeros_have_all_of_it() -> None:
    assert fields.error(X, X) == 0.0
    assert fields.error(np.zeros_like(X), X) == 1.0
    assert fields.error(2 * X, X) == pytest.approx(1.0)
    assert fields.error(0.9 * X, X) == pytest.approx(0.01)


@pytest.mark.parametrize("tied", [True, False])
def test_a_denoiser_s_field_is_its_way_back_over_the_noise_s_variance(tied: bool) -> None:
    network = create(
        "denoising_autoencoder", 2, 6, dtype="float64", tied=tied, activation="tanh",
        corruption={"kind": "gaussian", "level": 0.5},
    )  # fmt: skip
    field = fields.of(network)
    assert field is not None
    assert field.level == 0.5
    np.testing.assert_allclose(field.score(X), (network.reconstruct(X) - X) / 0.25)
    np.testing.assert_allclose(field.score(X), network.score(X))
    turning = fields.curl(field.slopes(X))
    assert turning == 0.0 if tied else turning > 1e-4


def test_a_machine_s_field_is_downhill_in_its_free_energy() -> None:
    machine = create("gaussian_rbm", hidden=5, dtype="float64", epochs=3).fit(X)
    field = fields.of(machine)
    assert field is not None
    assert field.level == 0.0
    step = 1e-5
    for at in range(2):
        aside = step * np.eye(2)[at]
        slope = (machine.free_energy(X + aside) - machine.free_energy(X - aside)) / (2 * step)
        np.testing.assert_allclose(field.score(X)[:, at], -slope, rtol=1e-5, atol=1e-7)
    bent = (field.score(X + aside) - field.score(X - aside)) / (2 * step)
    np.testing.assert_allclose(field.slopes(X)[:, :, 1], bent, rtol=1e-4, atol=1e-6)
    assert fields.curl(field.slopes(X)) == 0.0


@pytest.mark.parametrize(
    ("model", "settings"),
    [("autoencoder", {}), ("bernoulli_rbm", {}), ("denoising_autoencoder", {}),
     ("denoising_autoencoder", {"corruption": {"kind": "gaussian", "level": 0.0}})],
)  # fmt: skip
def test_others_have_no_score(model: str, settings: dict[str, Any]) -> None:
    assert fields.of(create(model, 2, 3, **settings)) is None
    level = {"kind": "gaussian", "level": 0.1}
    stack = [create("denoising_autoencoder", 2, 2, corruption=level) for _ in range(2)]
    assert fields.of(Stack(stack)) is None
