"""The pull of a sparsity target: its derivative, its running mean, and training with it."""

from __future__ import annotations

import pytest
import torch
from enumerated_machines import HIDDEN, VISIBLE, machine
from made_cohorts import digits

from layerwise.models import HyperparameterError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM

PULLED = {"sparsity.weight": 0.3, "sparsity.target": 0.1}


def test_the_pull_is_the_derivative_of_the_cross_entropy() -> None:
    made = machine(BernoulliRBM, **PULLED, **{"sparsity.memory": 0.0})
    x = torch.rand(1, 1, VISIBLE, dtype=torch.float64)
    made.state["activity"] = torch.full((1, HIDDEN), 0.9, dtype=torch.float64)
    weight, bias = (made.parameters[n].clone().requires_grad_() for n in ("weight", "hidden_bias"))
    q = torch.sigmoid(x @ weight + bias[:, None])
    entropy = -(0.1 * q.log() + 0.9 * (1 - q).log()).sum()
    expected = torch.autograd.grad(0.3 * entropy, [weight, bias])
    pulled, _ = made.gradients(x, made.draws(1, 0))
    plain, _ = machine(BernoulliRBM).gradients(x, made.draws(1, 0))
    for name, derivative in zip(("weight", "hidden_bias"), expected, strict=True):
        torch.testing.assert_close(pulled[name] - plain[name], derivative, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(pulled["visible_bias"], plain["visible_bias"])


def test_it_is_the_mean_that_is_compared_whatever_the_batch() -> None:
    made = machine(BernoulliRBM, **PULLED)
    x = torch.rand(1, 4, VISIBLE, dtype=torch.float64)
    mean = made.encode(x).mean(1)
    for rows in (x, x.repeat(1, 5, 1)):
        made.state["activity"] = torch.full((1, HIDDEN), 0.9, dtype=torch.float64)
        made.gradients(rows, made.draws(1, 0))
        torch.testing.assert_close(made.state["activity"], 0.9 * 0.9 + 0.1 * mean)


def test_training_brings_every_unit_to_the_target() -> None:
    x = digits()[:600]
    distance = {}
    for weight in (0.0, 3.0):
        sparsity = {"weight": weight, "target": 0.1}
        made = create(
            "bernoulli_rbm", hidden=32, epochs=60, batch_size=50, momentum=0.5, sparsity=sparsity
        )
        distance[weight] = abs(made.fit(x).encode(x).mean(0) - 0.1).mean()
    assert distance[0.0] > 0.2
    assert distance[3.0] < 0.02


def test_codes_without_bounds_have_no_such_target() -> None:
    with pytest.raises(HyperparameterError, match="hidden_units: gaussian"):
        create("bernoulli_rbm", hidden_units="gaussian", sparsity={"weight": 0.1})
