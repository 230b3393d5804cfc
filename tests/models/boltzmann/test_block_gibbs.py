"""Sweeps of all layers leave the machine's distribution as it is, and reach it."""

from __future__ import annotations

import torch
from deep_machines import VISIBLE, deep
from enumerated_machines import CHAINS, chi_square, drawn, state_index
from torch import Tensor

from layerwise.models.boltzmann.block_gibbs import means, sweeps
from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.likelihood import binary_states


def machine() -> tuple[DeepBoltzmannMachine, Tensor]:
    """A machine, and the probabilities of its 2⁹ even states (v, h₂)."""
    made = deep(DeepBoltzmannMachine)
    log_p = made.machine().log_unnormalised(binary_states(9)[None])[0]
    return made, log_p.softmax(0)


def swept(made: DeepBoltzmannMachine, even: Tensor, steps: int, **given: set[int]) -> Tensor:
    """The even states side by side (N, 9) after some sweeps."""
    start = made.structure.parted(even[None], (0, 2))
    draws = made.draws(1, 0)
    _, states = sweeps(made.structure, made.parameters, start, steps, draws, "test", **given)
    return torch.cat([states[0], states[2]], -1)[0]


def test_sweeps_leave_the_distribution_as_it_is() -> None:
    made, probability = machine()
    start = binary_states(9)[drawn(probability, CHAINS)]
    after = swept(made, start, 3)
    assert (after != start).any(1).double().mean() > 0.5
    assert 0.75 < chi_square(state_index(after), probability) < 1.3


def test_sweeps_reach_the_distribution_from_elsewhere() -> None:
    made, probability = machine()
    start = torch.ones(CHAINS, 9, dtype=torch.float64)
    assert chi_square(state_index(swept(made, start, 1)), probability) > 2
    assert 0.75 < chi_square(state_index(swept(made, start, 80)), probability) < 1.3


def test_clamped_layers_stay_and_the_others_follow_them() -> None:
    made, probability = machine()
    v = binary_states(VISIBLE)[41]
    conditional = probability.view(8, 64)[:, 41]
    start = torch.cat([v.expand(CHAINS, -1), torch.zeros(CHAINS, 3, dtype=torch.float64)], 1)
    after = swept(made, start, 50, clamped={0})
    assert torch.equal(after[:, :VISIBLE], start[:, :VISIBLE])
    ratio = chi_square(state_index(after[:, VISIBLE:]), conditional / conditional.sum())
    # Seven degrees of freedom: one in a thousand is above 3.5.
    assert ratio < 3.5


def test_means_are_those_of_the_conditional_distribution() -> None:
    made, _ = machine()
    states = made.structure.parted(binary_states(9)[None], (0, 2))
    found = means(made.structure, made.parameters, states, (1,))[1]
    h = binary_states(4)
    every = {i: state.repeat_interleave(16, 1) for i, state in states.items()}
    every[1] = h.repeat(512, 1)[None]
    log_p = -made.structure.energy(made.parameters, every).view(512, 16)
    torch.testing.assert_close(found[0], log_p.softmax(1) @ h, rtol=0, atol=1e-12)
