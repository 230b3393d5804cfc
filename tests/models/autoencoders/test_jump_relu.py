"""The jump, its penalty, and the estimate of the thresholds' gradient, against the formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models import HyperparameterError, create
from layerwise.models.autoencoders.jump_relu import JumpReLUAutoencoder

BANDWIDTH, WEIGHT = (0.2, 0.5), (0.3, 0.05)


def made() -> tuple[JumpReLUAutoencoder, torch.Tensor]:
    """Two trials with bandwidths and weights of their own, and thresholds that differ."""
    case = Case("jump_relu_autoencoder")
    numbers = [
        {"bandwidth": b, "sparsity.weight": w} for b, w in zip(BANDWIDTH, WEIGHT, strict=True)
    ]
    network = cohort(case, [settings(case, **given) for given in numbers], [0, 1])
    assert isinstance(network, JumpReLUAutoencoder)
    x = made_samples([0]).all()
    network.meet(x)
    network.parameters["log_threshold"] += torch.linspace(-2.0, 0.5, 7, dtype=torch.float64)
    return network, x


def test_a_unit_speaks_in_full_past_its_threshold() -> None:
    network, x = made()
    for trial in range(2):
        w = network.weights(trial)
        full = (x[0].numpy() - w["decoder_bias"]) @ w["weight"] + w["hidden_bias"]
        expected = np.where(full > np.exp(w["log_threshold"]), full, 0)
        code = network.encode(x)[trial].numpy()
        np.testing.assert_allclose(code, expected, rtol=1e-12, atol=1e-14)
        assert code.min() == 0


def test_the_loss_counts_the_units_that_speak() -> None:
    network, x = made()
    loss, error = network.loss(x, network.draws(1, 0))
    count = (network.encode(x) != 0).sum(-1).double().mean(-1)
    weight = torch.tensor(WEIGHT, dtype=torch.float64)
    torch.testing.assert_close(loss, error + weight * count, rtol=1e-12, atol=0)


def test_the_gradient_of_the_thresholds_is_the_papers() -> None:
    """∂L/∂θ_j = mean_b (∂‖x̂ − x‖²/∂h_bj · (−θ_j/ε) − weight/ε) [|a_bj − θ_j| < ε/2]."""
    network, x = made()
    found, _ = network.gradients(x, network.draws(1, 0))
    for trial, (bandwidth, weight) in enumerate(zip(BANDWIDTH, WEIGHT, strict=True)):
        w = network.weights(trial)
        theta = np.exp(w["log_threshold"])
        full = (x[0].numpy() - w["decoder_bias"]) @ w["weight"] + w["hidden_bias"]
        code = np.where(full > theta, full, 0)
        residual = code @ w["decoder_weight"] + w["decoder_bias"] - x[0].numpy()
        upstream = 2 * residual @ w["decoder_weight"].T
        near = np.abs(full - theta) < bandwidth / 2
        assert near.any(0).all()
        assert (near & (full < 0)).any(), "the kernel reaches below 0"
        of_theta = ((-theta * upstream - weight) / bandwidth * near).mean(0)
        np.testing.assert_allclose(found["log_threshold"][trial], of_theta * theta, rtol=1e-10)


def test_the_penaltys_estimate_is_the_difference_over_one_bandwidth() -> None:
    """−mean K((a − θ)/ε)/ε = (L0 at θ + ε/2 − L0 at θ − ε/2)/ε, since K is a rectangle."""
    network, x = made()
    theta, candidate = network.parameters["log_threshold"].exp(), network.candidates(x)
    with torch.enable_grad():
        log_threshold = network.parameters["log_threshold"].requires_grad_()
        penalty = network.sparseness(candidate, network.encode(x))
        (found,) = torch.autograd.grad(penalty.sum(), log_threshold)
    log_threshold.requires_grad_(False)
    bandwidth = torch.tensor(BANDWIDTH, dtype=torch.float64)[:, None]
    above, below = (
        (candidate > (theta + shift)[:, None]).double().mean(1)
        for shift in (bandwidth / 2, -bandwidth / 2)
    )
    weight = torch.tensor(WEIGHT, dtype=torch.float64)[:, None]
    expected = weight * (above - below) / bandwidth
    torch.testing.assert_close(found / theta, expected, rtol=1e-10, atol=0)


def test_a_heavier_penalty_lets_fewer_units_speak() -> None:
    x = digits()[:600]
    speaking = []
    for weight in (0.005, 0.02, 0.08):
        network = create("jump_relu_autoencoder", sparsity={"weight": weight}, epochs=40).fit(x)
        speaking.append((network.encode(x) != 0).sum(1).mean())
    assert speaking[0] > 1.4 * speaking[1] > 1.4**2 * speaking[2] > 1


def test_what_the_thresholds_cannot_do_is_refused() -> None:
    with pytest.raises(HyperparameterError, match="bandwidth"):
        create("jump_relu_autoencoder", bandwidth=0.0)
    with pytest.raises(HyperparameterError, match="one of identity"):
        create("jump_relu_autoencoder", activation="tanh")
