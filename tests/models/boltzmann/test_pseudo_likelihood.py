"""The pseudo-likelihood against the enumerated conditionals of every unit."""

from __future__ import annotations

import torch
from enumerated_machines import VISIBLE, binary_joint, machine, made_states

from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.pseudo_likelihood import log_pseudo_likelihood


def exact(made: BernoulliRBM, states: torch.Tensor) -> torch.Tensor:
    """Σ_i log p(v_i | the others) of states by index, (N,)."""
    p = binary_joint(made).sum(1)
    total = torch.zeros(len(states), dtype=torch.float64)
    for unit in range(VISIBLE):
        total += (p[states] / (p[states] + p[states ^ (1 << unit)])).log()
    return total


def test_the_estimate_is_unbiased() -> None:
    made, repeats = machine(BernoulliRBM), 20_000
    states = torch.tensor([5, 77, 200])
    x = binary_states(VISIBLE)[states].repeat_interleave(repeats, 0)[None]
    found = log_pseudo_likelihood(made.free_energy, x, made.draws(), "turned")[0].view(3, -1)
    error = found.std(1) / repeats**0.5
    assert ((found.mean(1) - exact(made, states)).abs() < 4 * error).all()


def test_independent_units_have_their_likelihood() -> None:
    made = machine(BernoulliRBM)
    made.parameters["weight"].zero_()
    made.parameters["visible_bias"].fill_(0.7)
    found = log_pseudo_likelihood(made.free_energy, made_states(9)[None] * 0 + 1, made.draws(), "x")
    expected = VISIBLE * torch.sigmoid(torch.tensor(0.7, dtype=torch.float64)).log()
    torch.testing.assert_close(found, expected.expand(1, 9), rtol=1e-12, atol=0)


def test_a_probability_is_drawn_before_it_is_judged() -> None:
    made = machine(BernoulliRBM)
    x = torch.full((1, 50_000, VISIBLE), 0.5, dtype=torch.float64)
    found = log_pseudo_likelihood(made.free_energy, x, made.draws(), "turned")
    over_all = exact(made, torch.arange(2**VISIBLE)).mean()
    torch.testing.assert_close(found.mean(), over_all, rtol=0, atol=5 * 8 / 50_000**0.5)


def test_training_reports_it() -> None:
    made = machine(BernoulliRBM)
    x = made_states(30)[None]
    found = made.evaluate(x, x)["pseudo_likelihood"]
    again = made.evaluate(x, x)["pseudo_likelihood"]
    assert torch.equal(found, again)
    assert -30 < found.item() < 0
