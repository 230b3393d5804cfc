"""The field of networks whose slope is known: tied ones turn nothing."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.manifold.field import curl, divergence, field, reconstruction_jacobian


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
def test_the_field_of_tied_weights_is_a_slope(activation: str) -> None:
    case = Case("autoencoder", {"tied": True, "activation": activation})
    network = cohort(case, [settings(case)] * 2, [0, 1])
    found = reconstruction_jacobian(network, made_samples([0]).all()[:, :5])
    assert found.shape == (2, 5, VISIBLE, VISIBLE)
    assert curl(found).max() < 1e-14
    assert found.abs().max() > 0.01


def test_the_field_of_two_weights_turns() -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    found = curl(reconstruction_jacobian(network, made_samples([0]).all()[:, :5]))
    assert found.shape == (2, 5)
    assert found.min() > 0.1
    assert found.max() < 1


def test_curl_and_divergence_by_hand() -> None:
    rotation = torch.tensor([[[[0.0, -2.0], [2.0, 0.0]]], [[[3.0, 1.0], [1.0, 5.0]]]])
    assert curl(rotation).flatten().tolist() == [1.0, 0.0]
    assert divergence(rotation).flatten().tolist() == [-2.0, 6.0]
    assert curl(torch.zeros(1, 1, 2, 2)).item() == 0


def test_of_a_linear_network_the_divergence_is_the_trace() -> None:
    case = Case("linear_autoencoder")
    network = cohort(case, [settings(case)] * 3, [0, 1, 2])
    found = divergence(reconstruction_jacobian(network, made_samples([0]).all()[:, :4]))
    assert isinstance(network, Autoencoder)
    product = network.parameters["weight"] @ network.decoder_weight()
    trace = product.diagonal(dim1=1, dim2=2).sum(-1) - VISIBLE
    torch.testing.assert_close(found, trace[:, None].expand(-1, 4))


def test_after_gaussian_noise_the_score_is_the_field_over_the_variance() -> None:
    case = Case("denoising_autoencoder", {"corruption.kind": "gaussian"})
    network = cohort(case, [settings(case, **{"corruption.level": 0.5})], [0])
    x = made_samples([0]).all()
    assert isinstance(network, Autoencoder)
    torch.testing.assert_close(field(network, x), 0.25 * network.score(x))
