"""Contrastive divergence by enumeration, persistent chains, and the options of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from enumerated_machines import (
    CHAINS,
    VISIBLE,
    binary_joint,
    chi_square,
    drawn,
    gibbs_kernel,
    machine,
    made_states,
    state_index,
)

from layerwise.models import HyperparameterError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.gaussian_rbm import GaussianRBM
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.rectified_rbm import RectifiedRBM
from layerwise.models.boltzmann.replicated_softmax import ReplicatedSoftmax
from layerwise.models.boltzmann.restricted_boltzmann_machine import (
    Phase,
    RestrictedBoltzmannMachine,
)

Gradients = dict[str, torch.Tensor]


def exact_gradients(made: BernoulliRBM, x: torch.Tensor) -> Gradients:
    """Of −mean log p(x): statistics under the enumerated model minus those under the data."""
    p, v, h = binary_joint(made), binary_states(VISIBLE), binary_states(made.hidden)
    code = made.encode(x[None])[0]
    return {
        "weight": v.T @ p @ h - x.T @ code / len(x),
        "hidden_bias": p.sum(0) @ h - code.mean(0),
        "visible_bias": p.sum(1) @ v - x.mean(0),
    }


def expected_gradients(made: BernoulliRBM, x: torch.Tensor, steps: int) -> Gradients:
    """Of CD-k, by k applications of the enumerated Gibbs kernel to the data's histogram."""
    v = binary_states(VISIBLE)
    start = torch.bincount(state_index(x), minlength=len(v)).double() / len(x)
    after = start @ torch.linalg.matrix_power(gibbs_kernel(binary_joint(made)), steps)
    code = made.encode(v[None])[0]
    difference = after - start
    return {
        "weight": v.T @ (difference[:, None] * code),
        "hidden_bias": difference @ code,
        "visible_bias": difference @ v,
    }


def test_the_exact_gradient_is_that_of_the_likelihood() -> None:
    made, x, step = machine(BernoulliRBM), made_states(20), 1e-5

    def loss() -> torch.Tensor:
        return -made.log_likelihood(x[None]).mean()

    for name, exact in exact_gradients(made, x).items():
        parameter = made.parameters[name][0]
        numeric = torch.empty_like(parameter)
        for index in np.ndindex(*parameter.shape):
            before = parameter[index].item()
            parameter[index] = before + step
            above = loss()
            parameter[index] = before - step
            numeric[index] = (above - loss()) / (2 * step)
            parameter[index] = before
        torch.testing.assert_close(exact, numeric, rtol=0, atol=1e-8)


def test_contrastive_divergence_approaches_the_gradient_as_its_chains_grow() -> None:
    made, x = machine(BernoulliRBM, scale=0.5), made_states(20)
    exact = exact_gradients(made, x)
    errors = []
    for steps in (1, 2, 5, 10, 25):
        found = expected_gradients(made, x, steps)
        errors.append(max((found[n] - exact[n]).abs().max().item() for n in exact))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 1e-3
    assert errors[-1] < 1e-6


@pytest.mark.parametrize("centring", ["none", "data"])
def test_the_sampled_gradient_is_unbiased(centring: str) -> None:
    """CD-2 from 20 inputs, 3 000 chains each: within five standard errors of the enumeration."""
    copies, steps, x = 3000, 2, made_states(20)
    made = machine(BernoulliRBM, gibbs_steps=steps, **{"centring.kind": centring})
    expected = expected_gradients(made, x, steps)
    if centring != "none":
        made.state["visible_offset"] = x.mean(0)[None]
        made.state["hidden_offset"] = made.encode(x[None]).mean(1)
        mu, lam = x.mean(0), made.encode(x[None])[0].mean(0)
        expected["weight"] = (
            expected["weight"]
            - torch.outer(mu, expected["hidden_bias"])
            - torch.outer(expected["visible_bias"], lam)
        )
        expected["visible_bias"] = expected["visible_bias"] - expected["weight"] @ lam
        expected["hidden_bias"] = expected["hidden_bias"] - expected["weight"].T @ mu
    found, _ = made.gradients(x.repeat(copies, 1)[None], made.draws(1, 0))
    bound = 5 * 0.5 / (copies * len(x)) ** 0.5 * (1 if centring == "none" else 3)
    for name, value in expected.items():
        torch.testing.assert_close(found[name][0], value, rtol=0, atol=bound)


def test_particles_of_the_model_give_the_exact_gradient() -> None:
    """Persistent chains that have reached the model descend the likelihood itself."""
    made, x, chains = machine(BernoulliRBM, persistent=True), made_states(20), 60_000
    start = binary_states(VISIBLE)[drawn(binary_joint(made).sum(1), chains)][None]
    made.state |= {"particles": start, "age": torch.zeros(1)}
    found, _ = made.gradients(x[None], made.draws(1, 0))
    for name, exact in exact_gradients(made, x).items():
        # Five standard errors of a mean of numbers between 0 and 1.
        torch.testing.assert_close(found[name][0], exact, rtol=0, atol=5 * 0.5 / chains**0.5)
    assert not torch.equal(made.state["particles"], start)


def test_persistent_chains_that_start_at_the_model_stay_there() -> None:
    """Geweke's test: χ²/df of 20 000 particles after five calls, at fixed weights."""
    made, x = machine(BernoulliRBM, persistent=True), made_states(20)[None]
    p = binary_joint(made).sum(1)
    start = binary_states(VISIBLE)[drawn(p, CHAINS)][None]
    made.state |= {"particles": start, "age": torch.zeros(1)}
    for step in range(5):
        made.gradients(x, made.draws(1, step))
    assert 0.75 < chi_square(state_index(made.state["particles"][0]), p) < 1.3


@pytest.mark.parametrize(
    ("variant", "given"),
    [
        (BernoulliRBM, {}),
        (BernoulliRBM, {"hidden_units": "gaussian"}),
        (BernoulliRBM, {"doubling": "up"}),
        (BernoulliRBM, {"doubling": "down"}),
        (BernoulliRBM, {"doubling": "both"}),
        (GaussianRBM, {"variance": "learned"}),
        (RectifiedRBM, {}),
        (RectifiedRBM, {"visible_units": "gaussian"}),
        (ReplicatedSoftmax, {}),
    ],
)
def test_the_gradient_is_that_of_the_free_energies(
    variant: type[RestrictedBoltzmannMachine], given: dict[str, Any]
) -> None:
    """∂(F(data) − F(chain))/∂θ, times σ² for what meets v/σ², over the copies where doubled."""
    made = machine(variant, trials=2, scale=0.3, **given)
    x = made_states(9).repeat(1, 1)[None] + (1 if variant is ReplicatedSoftmax else 0)
    dreamt = x.flip(1).expand(2, -1, -1)[:, :5]
    names = list(made.parameters)
    held = {name: value.clone().requires_grad_() for name, value in made.parameters.items()}
    made.parameters = held
    loss = made.free_energy(x).mean(-1) - made.free_energy(dreamt).mean(-1)
    slopes = dict(zip(names, torch.autograd.grad(loss.sum(), list(held.values())), strict=True))
    made.parameters = {name: value.detach() for name, value in held.items()}

    def phase(v: torch.Tensor) -> Phase:
        input = made.hidden_input(v)
        return Phase(v, input, made.hidden_side.mean(input))

    found = made.contrast(phase(x), phase(dreamt))
    assert found.keys() == slopes.keys()
    v_copies, h_copies = made.copies if isinstance(made, BernoulliRBM) else (1, 1)
    scale = {"weight": v_copies * h_copies, "visible_bias": v_copies, "hidden_bias": h_copies}
    for name, slope in slopes.items():
        expected = slope / scale.get(name, 1)
        if variant is GaussianRBM and name in ("weight", "visible_bias"):
            variance = made.parameters["log_variance"].exp()
            expected = expected * (variance[..., None] if name == "weight" else variance)
        torch.testing.assert_close(found[name], expected, rtol=1e-10, atol=1e-12)


def test_the_loss_is_the_difference_of_free_energies() -> None:
    made, x = machine(BernoulliRBM, persistent=True), made_states(20)
    made.state |= {"particles": made_states(9)[None], "age": torch.zeros(1)}
    _, reported = made.gradients(x[None], made.draws(1, 0))
    chain = made.state["particles"]
    expected = made.free_energy(x[None]).mean() - made.free_energy(chain).mean()
    torch.testing.assert_close(reported["loss"], expected[None])


def test_the_reconstruction_is_that_of_the_chains_first_step() -> None:
    made, x = machine(BernoulliRBM, gibbs_steps=3), made_states(20)[None]
    _, reported = made.gradients(x, made.draws(1, 0))
    _, seen = made.sweep(x, made.hidden_input(x), made.draws(1, 0), "gibbs/0")
    expected = (seen - x).square().sum(-1).mean(-1)
    torch.testing.assert_close(reported["reconstruction_error"], expected)


def test_particles_go_on_from_step_to_step_and_grow_older() -> None:
    made = machine(BernoulliRBM, trials=3, persistent=True, particles=5, gibbs_steps=2)
    x = made_states(20)[None]
    made.meet(x)
    met = made.state["particles"]
    assert met.shape == (3, 5, VISIBLE)
    for step in range(3):
        _, reported = made.gradients(x, made.draws(1, step))
        assert reported["particle_age"].tolist() == [2 * (step + 1)] * 3
    v = met
    for step in range(3):
        for sweep in range(2):
            v, _ = made.sweep(v, made.hidden_input(v), made.draws(1, step), f"gibbs/{sweep}")
    assert torch.equal(made.state["particles"], v)


def test_tempered_particles_are_all_in_the_state() -> None:
    made = machine(BernoulliRBM, trials=2, persistent=True, particles=5, temperatures=3)
    x = made_states(20)[None]
    made.meet(x)
    assert made.state["particles"].shape == (2, 15, VISIBLE)
    _, reported = made.gradients(x, made.draws(1, 0))
    assert reported["swap_rate"].shape == (2,)


def test_momentum_rises_when_it_was_told_to() -> None:
    given = {"momentum": 0.9, "initial_momentum": 0.3, "momentum_switch": 0.5}
    optimiser = machine(BernoulliRBM, **given).make_optimiser()
    found = []
    for progress in (0.0, 0.49, 0.5, 1.0):
        optimiser.step({}, {}, progress)
        found.append(optimiser.momentum.item())
    assert found == [0.3, 0.3, 0.9, 0.9]
    with pytest.raises(HyperparameterError, match="needs the optimiser `momentum`"):
        create("bernoulli_rbm", momentum_switch=0.5, optimiser="adam")


@pytest.mark.parametrize(
    "given",
    [
        {"learning_rate": 0.1},
        {"learning_rate": 0.05, "persistent": True},
        {"learning_rate": 0.05, "persistent": True, "temperatures": 4},
        {"learning_rate": 0.1, "centring": {"kind": "data"}},
        {"learning_rate": 0.1, "centring": {"kind": "average"}, "momentum_switch": 0.2},
    ],
    ids=str,
)
def test_training_raises_the_exact_likelihood_of_bars(given: dict[str, Any]) -> None:
    """Half the columns of a 3 × 3 image are on: the machine learns more than the biases know."""
    rng = np.random.default_rng(0)
    x = np.repeat(rng.integers(0, 2, (500, 1, 3)), 3, axis=1).reshape(500, 9).astype(float)
    settings = {"hidden": 8, "epochs": 100, "batch_size": 50, "momentum": 0.5}
    trained = create("bernoulli_rbm", **settings, **given).fit(x)
    independent = 9 * np.log(0.5)
    assert trained.log_likelihood(x).mean() > 0.6 * independent
