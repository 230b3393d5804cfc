"""A Gibbs chain visits the states of a small machine as often as their probability says."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, settings

from layerwise.models.boltzmann.bipartite_machine import BipartiteMachine
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.sampling.chain import run, trajectory
from layerwise.models.sampling.gibbs import Gibbs

CHAINS = 20_000


def machine(trials: int) -> BipartiteMachine:
    case = Case("bernoulli_rbm")
    network = cohort(case, [settings(case, hidden=3)] * trials, range(trials), visible=4)
    assert isinstance(network, BipartiteMachine)
    for parameter in network.parameters.values():
        parameter += network.draws().normal("test", *parameter.shape[1:])
    return network


def test_states_are_visited_as_often_as_their_probability_says() -> None:
    network = machine(2)
    states = binary_states(4)
    expected = CHAINS * (-network.free_energy(states[None])).softmax(-1)
    start = torch.zeros(1, CHAINS, 4, dtype=torch.float64)
    found = run(Gibbs(network), start, 40, network.draws())
    number = (found * 2 ** torch.arange(4)).sum(-1).long()
    for trial in range(2):
        counts = torch.bincount(number[trial], minlength=16)
        chi_square = ((counts - expected[trial]).square() / expected[trial]).sum()
        # Its mean is the 15 degrees of freedom, its 99.9 % quantile 37.7.
        assert chi_square.item() < 37.7


def test_the_average_along_a_chain_is_that_over_chains() -> None:
    network = machine(1)
    states = binary_states(4)
    expected = (-network.free_energy(states[None])).softmax(-1) @ states
    start = torch.zeros(1, 200, 4, dtype=torch.float64)
    along = trajectory(Gibbs(network), start, 100, network.draws(), burn_in=40, thin=2)
    assert along.shape == (100, 1, 200, 4)
    assert along.mean((0, 1, 2)).tolist() == pytest.approx(expected[0].tolist(), abs=0.02)
