"""The contractive penalty is the Jacobian's squared Frobenius norm."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models.activations import ACTIVATIONS
from layerwise.models.contraction import Contraction, jacobian_norm
from layerwise.models.network import Network


def jacobian(network: Network, row: torch.Tensor) -> torch.Tensor:
    """∂code/∂input at one sample, (T, H, V)."""

    def code(v: torch.Tensor) -> torch.Tensor:
        return network.encode(v[None, None])[:, 0]

    found: torch.Tensor = torch.autograd.functional.jacobian(code, row)
    return found


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_penalty_and_measure_are_those_of_the_jacobian(activation: str) -> None:
    case = Case("autoencoder", {"activation": activation})
    network = cohort(case, [settings(case), settings(case)], [0, 1])
    x = made_samples([0]).all()[:, :6]
    slope = network.slope(network.encode(x))
    weight = network.parameters["weight"]
    strength = torch.tensor([0.5, 2.0], dtype=torch.float64)
    penalty = Contraction({"weight": strength})(weight, slope)
    norms = jacobian_norm(weight, slope)
    for trial in range(2):
        squares = torch.stack([jacobian(network, row)[trial].square().sum() for row in x[0]])
        expected = strength[trial] * squares.mean()
        torch.testing.assert_close(penalty[trial], expected, rtol=1e-6, atol=0)
        torch.testing.assert_close(norms[trial], squares.sqrt(), rtol=1e-6, atol=0)


def test_it_is_active_where_any_trial_has_it() -> None:
    assert not Contraction({"weight": torch.zeros(2)}).active
    assert Contraction({"weight": torch.tensor([0.0, 0.1])}).active
