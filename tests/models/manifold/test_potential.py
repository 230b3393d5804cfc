"""The potential is what the field is the slope of, and a Gaussian RBM's free energy."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.errors import InputError
from layerwise.models.manifold.field import field
from layerwise.models.manifold.potential import potential


def tied(**structure: str) -> Autoencoder:
    case = Case("autoencoder", {"tied": True, **structure})
    network = cohort(case, [settings(case)] * 2, [0, 1])
    assert isinstance(network, Autoencoder)
    for bias in ("hidden_bias", "decoder_bias"):
        network.parameters[bias] += network.draws().normal(f"test/{bias}", 1)
    return network


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
def test_its_slope_is_the_field(activation: str) -> None:
    network = tied(activation=activation)
    x = made_samples([0, 1]).all()[:, :6]
    step, numeric = 1e-5, torch.empty_like(x)
    for i in range(x.shape[-1]):
        ahead, behind = x.clone(), x.clone()
        ahead[..., i] += step
        behind[..., i] -= step
        numeric[..., i] = (potential(network, ahead) - potential(network, behind)) / (2 * step)
    torch.testing.assert_close(field(network, x), numeric, rtol=1e-6, atol=1e-8)


def test_of_a_sigmoid_it_is_minus_the_free_energy_of_a_gaussian_machine() -> None:
    """−log Σ_h exp(−½‖x − c‖² + (xW + b)·h) over all binary h."""
    network = tied()
    x = made_samples([0]).all()[:, :6]
    hidden = network.hidden
    states = torch.tensor([[i >> j & 1 for j in range(hidden)] for i in range(2**hidden)]).double()
    away = x - network.parameters["decoder_bias"][:, None]
    expected = (network.preactivation(x) @ states.T).logsumexp(-1) - away.square().sum(-1) / 2
    torch.testing.assert_close(potential(network, x), expected, rtol=1e-12, atol=1e-12)


def test_a_field_that_is_no_slope_is_refused() -> None:
    x = made_samples([0]).all()
    case = Case("autoencoder")
    untied = cohort(case, [settings(case)], [0])
    assert isinstance(untied, Autoencoder)
    for network in (untied, tied(output_activation="sigmoid")):
        with pytest.raises(InputError, match="tied weights and the identity"):
            potential(network, x)
