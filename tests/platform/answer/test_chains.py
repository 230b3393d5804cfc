"""Gibbs chains at several numbers of steps are the same chains, taken further."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models import create
from layerwise.platform.answer.chains import CHAINS, EFFORT, chains

MACHINES = ("bernoulli_rbm", "gaussian_rbm", "deep_belief_network", "deep_boltzmann_machine")


@pytest.mark.parametrize("name", MACHINES)
def test_means_after_each_number_of_steps(name: str) -> None:
    machine = create(name, visible=9, hidden=4, seed=2)
    # Without the last number, whose thousand steps take their time.
    steps, states = chains(machine, EFFORT // 500)
    assert steps == [1, 10, 100]
    for number, state in zip(steps, states, strict=True):
        assert state.shape == (CHAINS, 9)
        np.testing.assert_array_equal(state, machine.sample(CHAINS, number, 0))


def test_a_longer_chain_passes_through_the_shorter_ones_states() -> None:
    machine = create("bernoulli_rbm", visible=9, hidden=4, seed=2)
    network = machine.network_
    assert network is not None
    _, (first, *_) = chains(machine, EFFORT // 500)
    # Of the machine's own step, one by one: the state after the first gives the mean shown.
    draws = machine._draws(0)
    start = network.start(CHAINS, draws, "sample/start")  # type: ignore[operator]
    hidden = network.hidden_input(start)  # type: ignore[operator]
    _, mean = network.sweep(start, hidden, draws, "sample/0")  # type: ignore[operator]
    np.testing.assert_allclose(first, mean[0].numpy())


def test_large_machines_take_fewer_steps_and_autoencoders_none() -> None:
    machine = create("bernoulli_rbm", visible=9, hidden=4)
    assert chains(machine, EFFORT)[0] == [1]
    assert chains(machine, EFFORT + 1) == ([], [])
    assert chains(create("autoencoder", visible=9, hidden=4), 1) == ([], [])
