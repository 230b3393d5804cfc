"""Exact gradients of a deep machine, its bound, its particles and its samples, by enumeration."""

from __future__ import annotations

import pytest
import torch
from deep_machines import (
    HIDDEN,
    SETTLED,
    VISIBLE,
    deep,
    every,
    log_weights,
    moments,
    numeric_gradients,
    weighted_moments,
)
from enumerated_machines import CHAINS, chi_square, drawn, made_states, state_index
from torch import Tensor
from torch.nn.functional import softplus

from layerwise.models import InputError
from layerwise.models.boltzmann.block_gibbs import means
from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition
from layerwise.models.boltzmann.partition import estimate


def machine(layers: tuple[int, ...] = (4,), **given: object) -> DeepBoltzmannMachine:
    return deep(DeepBoltzmannMachine, layers, **given)


def log_likelihood(made: DeepBoltzmannMachine) -> Tensor:
    """log p of all visible states, (T, 2^V), by summing over everything."""
    weights = log_weights(made).flatten(2)
    return weights.logsumexp(2) - weights.flatten(1).logsumexp(1)[:, None]


def posterior_moments(made: DeepBoltzmannMachine, x: Tensor) -> dict[str, Tensor]:
    """Σ_h p(h | v) −∂E/∂θ, averaged over rows (N, V), by enumeration."""
    h1, h2 = every(4, HIDDEN)
    total: dict[str, Tensor] = {}
    for v in x:
        states = {0: v.expand(1, h1.shape[1], -1), 1: h1, 2: h2}
        p = -made.structure.energy(made.parameters, states)[0]
        for name, value in weighted_moments(made.structure, states, p.softmax(0)).items():
            total[name] = total.get(name, 0) + value / len(x)
    return total


def model_moments(made: DeepBoltzmannMachine) -> dict[str, Tensor]:
    """Σ p(v, h) −∂E/∂θ, over the enumerated even states and the means of the odd ones."""
    v, h2 = every(VISIBLE, HIDDEN)
    states = {0: v, 2: h2}
    odd = means(made.structure, made.parameters, states, (1,))
    p = made.machine().log_unnormalised(binary_states(VISIBLE + HIDDEN)[None])[0].softmax(0)
    return weighted_moments(made.structure, states | odd, p)


def test_the_exact_gradient_is_that_of_the_likelihood() -> None:
    made, x = machine(), made_states(5, VISIBLE)
    data, model = posterior_moments(made, x), model_moments(made)
    rows = state_index(x)
    numeric = numeric_gradients(made, lambda: -log_likelihood(made)[0, rows].mean())
    for name, value in numeric.items():
        torch.testing.assert_close(model[name] - data[name], value, rtol=0, atol=1e-8)


@pytest.mark.parametrize("layers", [(4,), (4, 3)])
def test_the_learning_gradient_is_that_of_the_bound(layers: tuple[int, ...]) -> None:
    """At the mean-field solution the posterior's own change does not count."""
    made, x = machine(layers, **SETTLED), made_states(5, VISIBLE)[None]
    clamped = made.clamp(x)
    data = moments(made.structure, clamped | made.posterior(clamped))
    positive = numeric_gradients(made, lambda: made.variational_free_energy(x).mean())
    log_z = numeric_gradients(made, lambda: exact_log_partition(made.machine()).sum())
    for name, value in positive.items():
        torch.testing.assert_close(-data[name], value, rtol=0, atol=1e-8)
    if layers == (4,):
        for name, value in model_moments(made).items():
            torch.testing.assert_close(value, log_z[name], rtol=0, atol=1e-8)


def test_particles_of_the_model_give_the_gradient_of_the_bound() -> None:
    chains = 60_000
    made, x = (
        machine(**SETTLED, joint_rate=1.0, pretraining_epochs=0),
        made_states(9, VISIBLE)[None],
    )
    even = binary_states(VISIBLE + HIDDEN)
    p = made.machine().log_unnormalised(even[None])[0].softmax(0)
    made.state["particles"] = even[drawn(p, chains)][None]
    found, _ = made.gradients(x, made.draws(1, 0))
    clamped = made.clamp(x)
    data, model = moments(made.structure, clamped | made.posterior(clamped)), model_moments(made)
    for name, value in found.items():
        # Five standard errors of a mean of numbers between 0 and 1.
        expected = model[name] - data[name]
        torch.testing.assert_close(value, expected, rtol=0, atol=5 * 0.5 / chains**0.5)
    after = state_index(made.state["particles"][0])
    assert 0.75 < chi_square(after[:CHAINS], p) < 1.3


@pytest.mark.parametrize("layers", [(4,), (4, 3)])
@pytest.mark.parametrize("updates", [1, 10, 2000])
def test_the_bound_lies_below_the_likelihood(layers: tuple[int, ...], updates: int) -> None:
    made = machine(layers, trials=3, scale=1.2, **{"mean_field.updates": updates})
    v = binary_states(VISIBLE)[None]
    bound, exact = made.log_likelihood_bound(v), log_likelihood(made)
    torch.testing.assert_close(exact.logsumexp(1), torch.zeros(3).double(), rtol=0, atol=1e-10)
    assert (bound <= exact + 1e-10).all()
    assert (exact - bound).mean() < 1


def test_the_bound_is_exact_where_the_posterior_is_factorial() -> None:
    """Without links above, the machine is an RBM and a layer of coins."""
    made = machine()
    made.parameters["2.weight"].zero_()
    v = binary_states(VISIBLE)[None]
    torch.testing.assert_close(
        made.log_likelihood_bound(v), log_likelihood(made), rtol=0, atol=1e-10
    )


def test_score_and_machine_leave_the_partition_function_out() -> None:
    made = machine()
    v = binary_states(VISIBLE)[None]
    torch.testing.assert_close(made.score_samples(v), -made.variational_free_energy(v))
    log_z = log_weights(made).flatten(1).logsumexp(1)
    torch.testing.assert_close(made.partition().log_z_T, log_z, rtol=0, atol=1e-10)
    even = made.machine_states(v)
    assert torch.equal(even[..., :VISIBLE], v)
    torch.testing.assert_close(even[..., VISIBLE:], made.encode(v))


@pytest.mark.parametrize("layers", [(4,), (4, 3)])
def test_samples_follow_the_model(layers: tuple[int, ...]) -> None:
    made = machine(layers)
    found = made.sample(20_000, 60, made.draws())
    expected = log_likelihood(made)[0].exp() @ binary_states(VISIBLE)
    torch.testing.assert_close(found[0].mean(0), expected, rtol=0, atol=5 * 0.5 / 20_000**0.5)


def test_particles_start_at_the_data_and_go_on_from_step_to_step() -> None:
    made = machine(trials=3, particles=50, pretraining_epochs=0)
    x = made_states(20, VISIBLE)[None]
    made.meet(x)
    met = made.state["particles"]
    assert met.shape == (3, 50, VISIBLE + HIDDEN)
    rows = torch.arange(50) % 20
    assert torch.equal(met[..., :VISIBLE], x[:, rows].expand(3, -1, -1))
    made.gradients(x, made.draws(1, 0))
    expected = made.gibbs(met, made.draws(1, 0))
    assert torch.equal(made.state["particles"], expected)
    assert not torch.equal(met, expected)


def test_the_loss_is_the_difference_of_energies() -> None:
    made, x = machine(pretraining_epochs=0), made_states(20, VISIBLE)[None]
    made.meet(x)
    clamped = made.clamp(x)
    data = made.structure.energy(made.parameters, clamped | made.posterior(clamped))
    _, reported = made.gradients(x, made.draws(1, 0))
    even = made.structure.parted(made.state["particles"], (0, 2))
    odd = means(made.structure, made.parameters, even, (1,))
    particles = made.structure.energy(made.parameters, even | odd)
    torch.testing.assert_close(reported["loss"], data.mean(1) - particles.mean(1))


def test_a_layers_bias_is_the_mean_of_both_its_machines() -> None:
    """While its upper neighbour learns, a layer is seen from below with the bias that it had."""
    made, x = machine(epochs=3), made_states(20, VISIBLE)[None]
    made.meet(x)
    upward = made.parameters["1.hidden_bias"].clone()
    first = made.ascend(made.clamp(x), 1)[1]
    made.gradients(x, made.draws(2, 0))
    made.parameters["1.hidden_bias"] += 0.5
    torch.testing.assert_close(made.ascend(made.clamp(x), 1)[1], first)
    made.gradients(x, made.draws(2, 1))
    assert made.state.keys() == {"particles", "upward.1.hidden_bias"}
    for step in (0, 1):
        made.gradients(x, made.draws(3, step))
        torch.testing.assert_close(made.parameters["1.hidden_bias"], upward + 0.25)
        assert made.state.keys() == {"particles"}


def test_visible_biases_start_at_the_log_odds_of_the_data() -> None:
    made, x = machine(), made_states(20, VISIBLE)[None]
    made.meet(x)
    odds = x.mean(1).clamp(0.01, 0.99)
    torch.testing.assert_close(made.parameters["visible_bias"], (odds / (1 - odds)).log())
    with pytest.raises(InputError, match="needs inputs from 0 to 1"):
        made.meet(2 * x)


def test_an_estimate_sums_over_the_wider_side() -> None:
    made = deep(DeepBoltzmannMachine, layers=(21,), hidden=22, scale=0.3)
    machine = made.machine()
    assert tuple(machine.weight_TVH.shape[1:]) == (28, 21)
    turned = made.partition(temperatures=300, chains=50)
    as_is = estimate(machine, made.draws(), 300, 50)
    assert not turned.exact
    assert turned.reliable_T.all()
    assert as_is.reliable_T.all()
    assert not torch.equal(turned.log_z_T, as_is.log_z_T)
    torch.testing.assert_close(turned.log_z_T, as_is.log_z_T, atol=0.2, rtol=0)
    for name, parameter in made.parameters.items():
        if name.endswith("weight"):
            parameter.zero_()
    independent = sum(softplus(made.parameters[n]).sum() for n in made.parameters if "bias" in n)
    found = made.partition(temperatures=3, chains=5).log_z_T
    torch.testing.assert_close(found[0], torch.as_tensor(independent), rtol=0, atol=1e-10)
