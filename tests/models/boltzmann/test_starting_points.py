"""Base rates that have the data's means, and states that chains start from."""

from __future__ import annotations

import pytest
import torch
from made_machines import made_parameters

from layerwise.models.boltzmann.machine import (
    BINARY,
    Machine,
    bernoulli_machine,
    gaussian_machine,
    replicated_softmax_machine,
)
from layerwise.models.boltzmann.starting_points import base_rate, starting_states
from layerwise.models.boltzmann.units import Rectified
from layerwise.models.draws import Draws


def draws(*seeds: int) -> Draws:
    return Draws(seeds or (0,), dtype=torch.float64)


def gaussian(trials: int) -> Machine:
    given = made_parameters(4, 3, trials)
    return gaussian_machine(given | {"log_variance": torch.linspace(-1, 1, 4 * trials).view(-1, 4)})


def test_binary_base_rates_are_finite_log_odds() -> None:
    data = torch.tensor([[[0.0, 1, 1], [0, 1, 0], [0, 1, 0]]], dtype=torch.float64)
    found = base_rate(bernoulli_machine(made_parameters(3, 2)), data)
    expected = torch.tensor([[0.5 / 3.5, 3.5 / 0.5, 1.5 / 2.5]], dtype=torch.float64).log()
    torch.testing.assert_close(found, expected)


def test_gaussian_base_rates_are_means_in_the_machines_units() -> None:
    machine = gaussian(2)
    data = draws().normal("x", 30, 4)
    assert machine.scale_TV is not None
    expected = data.mean(1) / machine.scale_TV
    torch.testing.assert_close(base_rate(machine, data), expected)


def test_base_rates_of_documents_are_frequencies() -> None:
    machine = replicated_softmax_machine(made_parameters(3, 2), 5)
    data = torch.tensor([[[4.0, 0, 1], [2, 0, 0]]], dtype=torch.float64)
    frequencies = base_rate(machine, data).exp()
    expected = torch.tensor([[6.5, 0.5, 1.5]], dtype=torch.float64) / 8.5
    torch.testing.assert_close(frequencies, expected)


def test_units_of_other_kinds_keep_the_machines_biases() -> None:
    given = made_parameters(3, 2)
    machine = Machine(
        given["weight"], given["visible_bias"], given["hidden_bias"], Rectified(), BINARY
    )
    assert base_rate(machine, torch.ones(1, 4, 3)) is given["visible_bias"]


def test_without_data_chains_start_from_the_base_rate() -> None:
    machine = bernoulli_machine(made_parameters(4, 3))
    base = torch.tensor([[-2.0, 0.0, 1.0, 30.0]], dtype=torch.float64)
    states = starting_states(machine, None, base, 20_000, draws())
    assert states.shape == (1, 20_000, 4)
    assert set(states.unique().tolist()) == {0, 1}
    torch.testing.assert_close(states.mean(1), base.sigmoid(), rtol=0, atol=0.02)


@pytest.mark.parametrize(("rows", "chains"), [(50, 10), (4, 10)])
def test_chains_start_from_different_data_as_long_as_there_are_some(rows: int, chains: int) -> None:
    machine = bernoulli_machine(made_parameters(4, 3, 2))
    data = draws().uniform("x", rows, 4)
    states = starting_states(machine, data, machine.visible_bias_TV, chains, draws(1, 2))
    assert states.shape == (2, chains, 4)
    for trial in states:
        assert len(trial.unique(dim=0)) == min(rows, chains)
        assert (trial[:, None] == data).all(-1).any(-1).all()
    assert not torch.equal(states[0], states[1])
    alone = starting_states(machine, data, machine.visible_bias_TV, chains, draws(2))
    assert torch.equal(alone[0], states[1])


def test_gaussian_chains_start_in_the_machines_units() -> None:
    machine = gaussian(1)
    data = draws().normal("x", 5, 4)
    states = starting_states(machine, data, machine.visible_bias_TV, 5, draws())
    assert machine.scale_TV is not None
    back = (states * machine.scale_TV[:, None])[0].sort(0).values
    torch.testing.assert_close(back, data[0].sort(0).values)


def test_documents_are_brought_to_the_machines_length() -> None:
    machine = replicated_softmax_machine(made_parameters(3, 2), 5)
    data = torch.tensor([[[4.0, 0, 1], [2, 0, 0], [0, 0, 0]]], dtype=torch.float64)
    states = starting_states(machine, data, machine.visible_bias_TV, 3, draws())
    assert sorted(states[0].tolist()) == [[0, 0, 0], [4, 0, 1], [5, 0, 0]]
