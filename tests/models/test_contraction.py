"""The contractive penalty is the Jacobian's squared Frobenius norm."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models.activations import ACTIVATIONS
from layerwise.models.contraction import Contraction, HigherOrderContraction, jacobian_norm
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


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_its_derivatives_are_those_of_automatic_differentiation(activation: str) -> None:
    case = Case("autoencoder", {"activation": activation})
    network = cohort(case, [settings(case), settings(case)], [0, 1])
    code = network.encode(made_samples([0]).all()[:, :6]).requires_grad_()
    weight = network.parameters["weight"].requires_grad_()
    contraction = Contraction({"weight": torch.tensor([0.5, 2.0], dtype=torch.float64)})
    kind = ACTIVATIONS[activation]
    penalty = contraction(weight, kind.slope(code))
    by_weight, by_code = torch.autograd.grad(
        penalty.sum(), [weight, code], materialize_grads=True, allow_unused=True
    )
    found, pull, gradient = contraction.derivatives(weight, kind.slope(code), kind.bend(code))
    torch.testing.assert_close(found, penalty)
    torch.testing.assert_close(pull[:, None] * weight, by_weight)
    torch.testing.assert_close(gradient, by_code)


def test_it_is_active_where_any_trial_has_it() -> None:
    assert not Contraction({"weight": torch.zeros(2)}).active
    assert Contraction({"weight": torch.tensor([0.0, 0.1])}).active


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_bending_is_how_much_the_jacobian_changes(activation: str) -> None:
    case = Case("autoencoder", {"activation": activation})
    network = cohort(case, [settings(case), settings(case)], [0, 1])
    x = made_samples([0]).all()[:, :4]
    nearby = x + 0.5 * torch.randn(3, 1, 4, x.shape[2], generator=torch.Generator().manual_seed(0))
    weight = network.parameters["weight"]
    strength = torch.tensor([0.5, 2.0], dtype=torch.float64)
    penalty = HigherOrderContraction({"weight": strength, "curvature": strength}).bending(
        weight,
        network.slope(network.encode(x)),
        torch.stack([network.slope(network.encode(points)) for points in nearby], dim=1),
    )
    for trial in range(2):
        squares = [
            (jacobian(network, points[0, row]) - jacobian(network, x[0, row]))[trial].square().sum()
            for points in nearby
            for row in range(4)
        ]
        expected = strength[trial] * torch.stack(squares).mean()
        torch.testing.assert_close(penalty[trial], expected, rtol=1e-10, atol=1e-20)


def test_it_is_curved_where_any_trial_is() -> None:
    none, some = torch.zeros(2), torch.tensor([0.0, 0.1])
    assert not HigherOrderContraction({"weight": some, "curvature": none}).curved
    assert HigherOrderContraction({"weight": none, "curvature": some}).curved
