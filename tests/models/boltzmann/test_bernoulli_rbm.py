"""The machine's energy, its Gibbs chain, and contrastive divergence against enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from layerwise.models import InputError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.likelihood import binary_states, log_partition
from layerwise.models.registry import resolve

VISIBLE, HIDDEN = 8, 6


def machine(trials: int = 1, **given: object) -> BernoulliRBM:
    """8 × 6 machines with weights large enough to matter."""
    made = BernoulliRBM(
        VISIBLE, [resolve(BernoulliRBM, {"hidden": HIDDEN, **given})] * trials,
        list(range(trials)), torch.float64,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(7)
    for parameter in made.parameters.values():
        parameter += 0.8 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def energy(made: BernoulliRBM, v: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """−vᵀWh − bᵀv − cᵀh of the first trial for states (N, 8) and (M, 6), (N, M)."""
    p = {name: value[0] for name, value in made.parameters.items()}
    return -(v @ p["weight"] @ h.T) - (v @ p["visible_bias"])[:, None] - h @ p["hidden_bias"]


def joint(made: BernoulliRBM) -> torch.Tensor:
    """p(v, h) over all states, (2^8, 2^6)."""
    weights = -energy(made, binary_states(VISIBLE), binary_states(HIDDEN))
    return (weights - weights.logsumexp((0, 1))).exp()


def exact_gradients(made: BernoulliRBM, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of −mean log p(x): statistics under the enumerated model minus those under the data."""
    p, v, h = joint(made), binary_states(VISIBLE), binary_states(HIDDEN)
    code = made.encode(x[None])[0]
    return {
        "weight": v.T @ p @ h - x.T @ code / len(x),
        "hidden_bias": p.sum(0) @ h - code.mean(0),
        "visible_bias": p.sum(1) @ v - x.mean(0),
    }


def made_states(rows: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return (torch.rand(rows, VISIBLE, generator=generator) < 0.4).double()


def test_conditionals_are_those_of_the_joint_distribution() -> None:
    made = machine()
    p, v, h = joint(made), binary_states(VISIBLE), binary_states(HIDDEN)
    hidden_given_visible = p @ h / p.sum(1, keepdim=True)
    visible_given_hidden = p.T @ v / p.sum(0)[:, None]
    torch.testing.assert_close(made.encode(v[None])[0], hidden_given_visible, rtol=1e-12, atol=0)
    torch.testing.assert_close(made.decode(h[None])[0], visible_given_hidden, rtol=1e-12, atol=0)


def test_free_energy_sums_the_hidden_states_out() -> None:
    made = machine()
    v = binary_states(VISIBLE)
    summed = -(-energy(made, v, binary_states(HIDDEN))).logsumexp(1)
    torch.testing.assert_close(made.free_energy(v[None])[0], summed, rtol=1e-12, atol=1e-12)


def test_the_exact_gradient_is_that_of_the_likelihood() -> None:
    made, x, step = machine(), made_states(20), 1e-5

    def loss() -> torch.Tensor:
        return -made.log_likelihood(x[None]).mean()

    for name, exact in exact_gradients(made, x).items():
        parameter = made.parameters[name][0]
        numeric = torch.empty_like(parameter)
        for index in product(*map(range, parameter.shape)):
            before = parameter[index].item()
            parameter[index] = before + step
            above = loss()
            parameter[index] = before - step
            numeric[index] = (above - loss()) / (2 * step)
            parameter[index] = before
        torch.testing.assert_close(exact, numeric, rtol=0, atol=1e-8)


def test_particles_of_the_model_give_the_exact_gradient() -> None:
    """Persistent chains that have reached the model descend the likelihood itself."""
    made, x, chains = machine(persistent=True), made_states(20), 60_000
    p_v = joint(made).sum(1)
    generator = torch.Generator().manual_seed(2)
    rows = torch.multinomial(p_v, chains, replacement=True, generator=generator)
    made.state["particles"] = binary_states(VISIBLE)[rows][None]
    found, _ = made.gradients(x[None], made.draws(1, 0))
    for name, exact in exact_gradients(made, x).items():
        # Five standard errors of a mean of numbers between 0 and 1.
        torch.testing.assert_close(found[name][0], exact, rtol=0, atol=5 * 0.5 / chains**0.5)
    assert not torch.equal(made.state["particles"][0], binary_states(VISIBLE)[rows])


def test_contrastive_divergence_in_expectation() -> None:
    """CD-k from one input, against k applications of the enumerated Gibbs kernel."""
    copies, steps = 60_000, 2
    made = machine(gibbs_steps=steps)
    v = binary_states(VISIBLE)
    p = joint(made)
    kernel = (p / p.sum(1, keepdim=True)) @ (p / p.sum(0)).T
    start = 37
    after = torch.linalg.matrix_power(kernel, steps)[start]
    found, _ = made.gradients(v[start].expand(1, copies, -1), made.draws(1, 0))
    code = made.encode(v[None])[0]
    expected = v.T @ (after[:, None] * code) - torch.outer(v[start], code[start])
    torch.testing.assert_close(found["weight"][0], expected, rtol=0, atol=5 * 0.5 / copies**0.5)
    torch.testing.assert_close(
        found["visible_bias"][0], after @ v - v[start], rtol=0, atol=5 * 0.5 / copies**0.5
    )


def test_long_contrastive_chains_forget_the_data_as_the_model_does() -> None:
    made, x = machine(gibbs_steps=40), made_states(20)
    found, _ = made.gradients(x.repeat(1000, 1)[None], made.draws(1, 0))
    for name, exact in exact_gradients(made, x).items():
        torch.testing.assert_close(found[name][0], exact, rtol=0, atol=0.03)


def test_the_loss_is_the_difference_of_free_energies() -> None:
    made, x = machine(persistent=True), made_states(20)
    made.state["particles"] = made_states(9)[None]
    _, reported = made.gradients(x[None], made.draws(1, 0))
    chain = made.state["particles"]
    expected = made.free_energy(x[None]).mean() - made.free_energy(chain).mean()
    torch.testing.assert_close(reported["loss"], expected[None])


def test_particles_go_on_from_step_to_step() -> None:
    made, x = machine(trials=3, persistent=True, particles=5), made_states(20)[None]
    made.meet(x)
    met = made.state["particles"]
    assert met.shape == (3, 5, VISIBLE)
    made.gradients(x, made.draws(1, 0))
    expected = made.gibbs(met, made.encode(met), made.draws(1, 0))
    assert torch.equal(made.state["particles"], expected)
    assert not torch.equal(met, expected)


def test_visible_biases_start_at_the_log_odds_of_the_data() -> None:
    made = machine()
    x = torch.tensor([[1.0, 0, 0, 0, 1, 1, 0, 1], [1, 1, 0, 0, 0, 1, 0, 0]], dtype=torch.float64)
    made.meet(x[None])
    odds = x.mean(0).clamp(0.01, 0.99)
    torch.testing.assert_close(made.parameters["visible_bias"][0], (odds / (1 - odds)).log())


def test_samples_follow_the_model() -> None:
    made = machine()
    probability = made.sample(4000, 50, made.draws())
    assert probability.shape == (1, 4000, VISIBLE)
    expected = joint(made).sum(1) @ binary_states(VISIBLE)
    torch.testing.assert_close(probability[0].mean(0), expected, rtol=0, atol=0.04)


def test_training_raises_the_exact_likelihood_of_bars() -> None:
    """Half the columns of a 3 × 3 image are on: the machine learns more than the biases know."""
    rng = np.random.default_rng(0)
    x = np.repeat(rng.integers(0, 2, (500, 1, 3)), 3, axis=1).reshape(500, 9).astype(float)
    for persistent, rate in [(False, 0.1), (True, 0.05)]:
        trained = create(
            "bernoulli_rbm", hidden=8, epochs=100, batch_size=50, learning_rate=rate, momentum=0.5,
            persistent=persistent,
        ).fit(x)  # fmt: skip
        independent = 9 * np.log(0.5)
        assert trained.log_likelihood(x).mean() > 0.6 * independent


def test_free_energy_gap_compares_with_as_many_training_samples() -> None:
    made, x = machine(), made_states(30)[None]
    gap = made.evaluate(x[:, :10], x)["free_energy_gap"]
    assert gap.item() == 0
    other = made.evaluate(x[:, 10:], x)["free_energy_gap"]
    expected = made.free_energy(x[:, 10:]).mean() - made.free_energy(x[:, :20]).mean()
    torch.testing.assert_close(other, expected[None])


def test_inputs_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(InputError, match="needs inputs from 0 to 1"):
        create("bernoulli_rbm").fit([[0.0, 1.5]])


def test_likelihood_is_normalised() -> None:
    made = machine()
    log_p = made.log_likelihood(binary_states(VISIBLE)[None])
    torch.testing.assert_close(log_p.logsumexp(-1), torch.zeros(1, dtype=torch.float64))
    assert log_partition(made.parameters).shape == (1,)
