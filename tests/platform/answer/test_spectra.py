"""Spectra of Jacobians, against NumPy's, and none that cost too much."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models import create
from layerwise.platform.answer import spectra as module
from layerwise.platform.answer.spectra import FIRST, OTHERS, spectra


def test_they_are_the_singular_values_of_the_closed_form() -> None:
    layer = create("autoencoder", visible=12, hidden=5, seed=3)
    x = np.random.default_rng(0).uniform(size=(20, 12)).astype(np.float32)
    found = spectra(layer, 60, x)
    code, weight = layer.encode(x), layer.weights()["weight"]
    jacobians = (code * (1 - code))[:, :, None] * weight.T
    expected = np.linalg.svd(jacobians, compute_uv=False)
    assert found.values is not None
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    low, mean, high = found.bands()
    np.testing.assert_allclose(mean, expected.mean(0), atol=1e-5)
    np.testing.assert_allclose(low, np.quantile(expected, 0.1, axis=0), atol=1e-5)
    assert (low <= high).all()
    assert found.resolution == pytest.approx(3.45e-4, rel=0.01)


def test_later_settings_get_fewer_samples_and_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = create("autoencoder", visible=6, hidden=4)
    x = np.zeros((100, 6), dtype=np.float32)
    first = spectra(layer, 24, x)
    second = spectra(layer, 24, x, first)
    assert first.values is not None
    assert second.values is not None
    assert (len(first.values), len(second.values)) == (FIRST, OTHERS)
    assert first.left - second.left == OTHERS * 4**3
    monkeypatch.setattr(module, "CUBES", 7 * 4**3)
    assert spectra(layer, 24, x).values is None


def test_deep_networks_pay_for_their_backward_passes() -> None:
    layer = create("fine_tune", visible=6, layers=[5], hidden=3)
    x = np.zeros((10, 6), dtype=np.float32)
    assert spectra(layer, 2**28, x).values is None
    found = spectra(layer, 100, x)
    assert found.values is not None
    assert found.values.shape == (10, 3)
