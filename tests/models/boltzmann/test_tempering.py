"""The tempering kernel against enumeration: what it leaves invariant, and what it moves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
import torch
from enumerated_machines import (
    CHAINS,
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
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.tempering import (
    Heat,
    exchange_log_odds,
    exchanged,
    inverse_temperatures,
    partners,
)

VISIBLE, HIDDEN, COUNT = 3, 2, 3
MU = torch.tensor([0.3, 0.9, 0.5], dtype=torch.float64)
LAMBDA = torch.tensor([0.8, 0.4], dtype=torch.float64)


def small() -> BernoulliRBM:
    return machine(BernoulliRBM, VISIBLE, hidden=HIDDEN, scale=2.0)


def joints(made: BernoulliRBM) -> list[torch.Tensor]:
    """p_β(v, h) at each temperature."""
    beta = inverse_temperatures(COUNT, 1, MU).flatten().tolist()
    return [binary_joint(made, b, MU, LAMBDA) for b in beta]


def heat(made: BernoulliRBM, particles: int = 1) -> Heat:
    return Heat(
        inverse_temperatures(COUNT, particles, MU),
        made.hidden_input(MU[None, None]),
        made.visible_input(LAMBDA[None, None]),
        LAMBDA[None],
    )


def log_odds(made: BernoulliRBM, states: Sequence[int], turn: int) -> torch.Tensor:
    v_1KV = binary_states(VISIBLE)[list(states)][None]
    units, partner = made.hidden_side, partners(COUNT, turn)
    return exchange_log_odds(made.hidden_input(v_1KV), heat(made), units, partner)[0, :, 0]


def test_temperatures_go_evenly_from_the_machine_to_independence() -> None:
    found = inverse_temperatures(3, 2, torch.zeros(1, dtype=torch.float64))
    assert found.flatten().tolist() == [1, 1, 0.5, 0.5, 0, 0]


def test_neighbours_take_turns() -> None:
    assert partners(5, 0).tolist() == [1, 0, 3, 2, 4]
    assert partners(5, 1).tolist() == [0, 2, 1, 4, 3]
    assert partners(2, 0).tolist() == partners(2, 1).tolist() == [1, 0]


def test_the_odds_are_those_of_the_product_of_the_tempered_machines() -> None:
    made = small()
    log_p = torch.stack([joint.sum(1).log() for joint in joints(made)])
    for states in product(range(2**VISIBLE), repeat=COUNT):
        a, b, _ = states
        expected = log_p[0, b] + log_p[1, a] - log_p[0, a] - log_p[1, b]
        found = log_odds(made, states, 0)
        torch.testing.assert_close(found[:2], expected.expand(2), rtol=1e-10, atol=1e-12)
        assert found[2] == 0


def test_a_tempered_sweep_draws_from_the_tempered_conditionals() -> None:
    made, v, h = small(), binary_states(VISIBLE), binary_states(HIDDEN)
    for place, joint in enumerate(joints(made)):
        at = heat(made)._replace(beta_L1=heat(made).beta_L1[place : place + 1])
        up = torch.sigmoid(at.hidden(made.hidden_input(v[None])))[0]
        down = torch.sigmoid(at.visible(made.visible_input(h[None])))[0]
        torch.testing.assert_close(up, joint @ h / joint.sum(1, keepdim=True))
        torch.testing.assert_close(down, joint.T @ v / joint.sum(0)[:, None])


def test_sweep_and_exchange_leave_the_joint_distribution_as_it_is() -> None:
    """|πT − π| < 1e-12 over the 8³ joint states of three temperatures, for both turns."""
    made, states = small(), 2**VISIBLE
    pi = torch.einsum("i,j,k->ijk", *(joint.sum(1) for joint in joints(made))).flatten()
    kernels = [gibbs_kernel(joint) for joint in joints(made)]
    sweep = torch.einsum("ai,bj,ck->abcijk", *kernels).reshape(len(pi), len(pi))
    torch.testing.assert_close(pi @ sweep, pi, rtol=0, atol=1e-12)
    for turn in (0, 1):
        partner = partners(COUNT, turn)
        exchange = torch.zeros_like(sweep)
        for row, place in enumerate(product(range(states), repeat=COUNT)):
            pair = next(k for k in range(COUNT) if partner[k] > k)
            chance = log_odds(made, place, turn)[pair].exp().clamp(max=1)
            moved = list(place)
            moved[pair], moved[pair + 1] = place[pair + 1], place[pair]
            column = (moved[0] * states + moved[1]) * states + moved[2]
            exchange[row, column] += chance
            exchange[row, row] += 1 - chance
        torch.testing.assert_close(pi @ exchange, pi, rtol=0, atol=1e-12)
        torch.testing.assert_close(pi @ sweep @ exchange, pi, rtol=0, atol=1e-12)


def test_the_hottest_machine_has_independent_units() -> None:
    hottest = joints(small())[-1]
    torch.testing.assert_close(hottest, torch.outer(hottest.sum(1), hottest.sum(0)))


def test_an_exchange_moves_states_with_their_inputs() -> None:
    v = torch.arange(6, dtype=torch.float64).view(1, 6, 1)
    certain, never = torch.full((1, 3, 2), 99.0), torch.full((1, 3, 2), -99.0)
    draws = small().draws()
    moved, inputs, share = exchanged(v, 10 * v, certain, partners(3, 0), draws, "exchange")
    assert moved.flatten().tolist() == [2, 3, 0, 1, 4, 5]
    assert torch.equal(inputs, 10 * moved)
    assert share.item() == 1
    stayed, _, share = exchanged(v, 10 * v, never, partners(3, 0), draws, "exchange")
    assert torch.equal(stayed, v)
    assert share.item() == 0


def test_chains_that_start_at_the_model_stay_there() -> None:
    """Geweke's test: 20 000 chains of every temperature, drawn from the enumerated machine."""
    made = machine(BernoulliRBM, persistent=True, temperatures=4, gibbs_steps=6)
    x = made_states(30)[None]
    mu, lam = x[0].mean(0), made.encode(x)[0].mean(0)
    beta = inverse_temperatures(4, 1, x).flatten().tolist()
    marginals = [binary_joint(made, b, mu, lam).sum(1) for b in beta]
    v = binary_states(made.visible)
    starts = [v[drawn(p, CHAINS, seed)] for seed, p in enumerate(marginals)]
    made.state |= {"particles": torch.cat(starts)[None], "age": torch.zeros(1)}
    _, reported = made.gradients(x, made.draws(1, 0))
    assert 0.2 < reported["swap_rate"].item() < 1
    index = state_index(made.state["particles"][0]).view(4, CHAINS)
    index = index + len(v) * torch.arange(4)[:, None]
    assert 0.75 < chi_square(index.flatten(), torch.cat(marginals) / 4) < 1.3


def test_exchanges_carry_chains_between_two_modes() -> None:
    """Two far modes: plain persistent chains stay where they began, tempered ones cross over."""
    found = {}
    for temperatures in (1, 8):
        made = machine(
            BernoulliRBM, scale=0.0, hidden=1, persistent=True, temperatures=temperatures,
            gibbs_steps=200,
        )  # fmt: skip
        for name, value in (("weight", 8.0), ("visible_bias", -4.0), ("hidden_bias", -32.0)):
            made.parameters[name].fill_(value)
        start = torch.zeros(1, 400 * temperatures, made.visible, dtype=torch.float64)
        made.state |= {"particles": start, "age": torch.zeros(1)}
        both = torch.tensor([0.0, 1.0], dtype=torch.float64)[None, :, None]
        made.gradients(both.expand(1, 2, made.visible), made.draws(1, 0))
        found[temperatures] = made.state["particles"][0, :400].mean().item()
    assert found[1] < 0.05
    assert found[8] == pytest.approx(0.5, abs=0.08)


def test_tempering_needs_persistent_chains() -> None:
    with pytest.raises(HyperparameterError, match="need persistent chains, but got 4"):
        create("bernoulli_rbm", temperatures=4)
