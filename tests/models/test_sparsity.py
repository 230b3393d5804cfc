"""Both penalties against values worked out by hand."""

from __future__ import annotations

from math import log

import pytest
import torch

from layerwise.models import HyperparameterError, create
from layerwise.models.sparsity import Sparsity


def penalty(code: torch.Tensor, activation: str = "sigmoid", **values: object) -> torch.Tensor:
    trials = len(code)
    given = {"kind": "kl", "weight": [1.0] * trials, "target": [0.05] * trials} | values
    numbers = {
        k: v if k == "kind" else torch.tensor(v, dtype=torch.float64) for k, v in given.items()
    }
    return Sparsity(numbers)(code.double(), activation)


def test_kl_is_zero_at_the_target_and_nowhere_else() -> None:
    # Units swing about their mean; only the mean counts.
    code = torch.tensor([[[0.0, 0.1], [0.1, 0.0]], [[0.0, 0.1], [0.1, 0.02]]])
    at, off = penalty(code).tolist()
    assert at == pytest.approx(0, abs=1e-8)
    assert off > 1e-4


def test_kl_by_hand() -> None:
    # Means 0.5 and 0.2; target 0.1; weight 2.
    code = torch.tensor([[[0.4, 0.1], [0.6, 0.3]]])
    expected = 2 * (
        0.1 * log(0.1 / 0.5) + 0.9 * log(0.9 / 0.5) + 0.1 * log(0.1 / 0.2) + 0.9 * log(0.9 / 0.8)
    )
    assert penalty(code, weight=[2.0], target=[0.1]).item() == pytest.approx(expected, rel=1e-6)


def test_kl_of_tanh_takes_the_code_to_probabilities() -> None:
    code = torch.tensor([[[-0.9], [-0.9]]])
    assert penalty(code, "tanh").item() == pytest.approx(0, abs=1e-8)


def test_kl_stays_finite_where_a_unit_is_always_silent_or_always_on() -> None:
    for constant in (0.0, 1.0):
        assert penalty(torch.full((1, 3, 2), constant)).isfinite().all()


def test_l1_by_hand() -> None:
    code = torch.tensor([[[1.0, -2.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, 4.0]]])
    found = penalty(code, kind="l1", weight=[0.1, 10.0])
    torch.testing.assert_close(found, torch.tensor([0.1 * 3.5 / 2, 20.0], dtype=torch.float64))


def test_l1_is_minus_the_log_of_a_laplace_prior() -> None:
    """2σ² times −log p(x, h), with p(h) = Π ½λ e^{−λ|h|} and p(x | h) = N(x̂, σ²), and no more."""
    scale, variance = 3.0, 0.2
    zero = torch.zeros((), dtype=torch.float64)
    noise = torch.distributions.Normal(zero, zero + variance**0.5)
    prior = torch.distributions.Laplace(zero, zero + 1 / scale)
    found, expected = [], []
    for seed in range(2):
        drawn = torch.Generator().manual_seed(seed)
        code = torch.randn(1, 1, 5, generator=drawn, dtype=torch.float64)
        error = torch.randn(7, generator=drawn, dtype=torch.float64)
        joint = noise.log_prob(error).sum() + prior.log_prob(code).sum()
        expected.append(-2 * variance * joint.item())
        l1 = penalty(code, kind="l1", weight=[2 * variance * scale])
        found.append(error.square().sum().item() + l1.item())
    assert found[0] - found[1] == pytest.approx(expected[0] - expected[1], rel=1e-10)


def test_kl_moves_every_unit_towards_the_target() -> None:
    """∂/∂ρ = (ρ − target)/(ρ(1 − ρ)), shared by the samples of the batch."""
    code = torch.tensor([[[0.02, 0.3], [0.04, 0.5]]], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(penalty(code, weight=[2.0]).sum(), code)
    rho = code.detach().mean(1, keepdim=True)
    expected = 2 * (rho - 0.05) / (rho * (1 - rho)) / 2
    torch.testing.assert_close(gradient, expected.expand_as(gradient), rtol=1e-10, atol=0)


def test_l0_counts_the_units_that_speak() -> None:
    code = torch.tensor([[[1.0, -2.0], [0.0, 1e-9]], [[0.0, 0.0], [0.0, 4.0]]])
    found = penalty(code, kind="l0", weight=[0.1, 10.0])
    torch.testing.assert_close(found, torch.tensor([0.15, 5.0], dtype=torch.float64))


def test_l0_is_refused_where_no_threshold_learns_from_it() -> None:
    with pytest.raises(HyperparameterError, match="jump_relu_autoencoder"):
        create("sparse_autoencoder", sparsity={"kind": "l0", "weight": 0.1})
    create("sparse_autoencoder", sparsity={"kind": "l0", "weight": 0.0})
    create("jump_relu_autoencoder", sparsity={"kind": "l0", "weight": 0.1})


def test_it_is_active_where_any_trial_has_it() -> None:
    weights = {True: [0.0, 0.1], False: [0.0, 0.0]}
    for active, weight in weights.items():
        made = Sparsity({"kind": "l1", "weight": torch.tensor(weight), "target": torch.ones(2)})
        assert made.active is active
