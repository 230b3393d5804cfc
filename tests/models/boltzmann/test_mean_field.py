"""The mean-field equations, and the bound that solving them may never lower."""

from __future__ import annotations

import pytest
import torch
from deep_machines import SETTLED, VISIBLE, deep
from torch import Tensor

from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.likelihood import binary_states

LAYERS = (4, 3)


def machine(**given: float) -> DeepBoltzmannMachine:
    return deep(DeepBoltzmannMachine, LAYERS, trials=2, scale=1.5, **given)


def free_energy(made: DeepBoltzmannMachine, v: Tensor, means: dict[int, Tensor]) -> Tensor:
    """⟨E⟩ − H of a factorial distribution, by its definition."""
    energy = made.structure.energy(made.parameters, {0: v, **means})
    for mean in means.values():
        for p in (mean, 1 - mean):
            energy = energy + torch.where(p > 0, p * p.clamp_min(1e-300).log(), 0.0).sum(-1)
    return energy


def test_settled_means_solve_the_equations() -> None:
    made, v = machine(**SETTLED), binary_states(VISIBLE)[None]
    states = {0: v, **made.posterior({0: v})}
    for i in (1, 2, 3):
        expected = torch.sigmoid(made.structure.inputs(made.parameters, i, states))
        torch.testing.assert_close(states[i], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("damping", [0.0, 0.6])
def test_no_update_lowers_the_bound(damping: float) -> None:
    v, before = binary_states(VISIBLE)[None], None
    for updates in range(1, 40):
        made = machine(**{"mean_field.updates": updates, "mean_field.damping": damping})
        now = made.variational_free_energy(v)
        torch.testing.assert_close(now, free_energy(made, v, made.posterior({0: v})))
        if before is not None:
            assert (now <= before + 1e-12).all()
            assert updates > 10 or (now < before - 1e-6).any()
        before = now


def test_no_single_block_lowers_the_bound_from_random_means() -> None:
    made, v = machine(**{"mean_field.updates": 1}), binary_states(VISIBLE)[None]
    generator = torch.Generator().manual_seed(4)
    means = {
        i: torch.rand(2, v.shape[1], made.structure[i].width, generator=generator).double()
        for i in (1, 2, 3)
    }
    before = free_energy(made, v, means)
    for block in [(1, 3), (2,)] * 6:
        rest = {0: v} | {i: mean for i, mean in means.items() if i not in block}
        means |= made.mean_field.settle(
            made.structure, made.parameters, rest, {i: means[i] for i in block}
        )
        now = free_energy(made, v, means)
        assert (now <= before + 1e-12).all()
        before = now


def test_a_settled_sample_is_held_whatever_stands_beside_it() -> None:
    made, v = machine(**{**SETTLED, "mean_field.tolerance": 1e-3}), binary_states(VISIBLE)[None]
    together = made.encode(v)
    for row in range(0, 64, 9):
        alone = made.encode(v[:, row : row + 1])
        torch.testing.assert_close(together[:, row : row + 1], alone, rtol=0, atol=1e-14)
    exact = machine(**SETTLED).encode(v)
    assert not torch.equal(together, exact)
    torch.testing.assert_close(together, exact, rtol=0, atol=0.02)


def test_a_trial_without_tolerance_goes_on_beside_one_with_it() -> None:
    made, v = machine(**{"mean_field.updates": 60}), binary_states(VISIBLE)[None]
    expected = made.encode(v)
    made.mean_field.tolerance = torch.tensor([0.0, 0.5], dtype=torch.float64)
    found = made.encode(v)
    torch.testing.assert_close(found[0], expected[0], rtol=0, atol=1e-14)
    assert (found[1] - expected[1]).abs().max() > 1e-4


def test_damping_reaches_the_same_means() -> None:
    v = binary_states(VISIBLE)[None]
    plain = machine(**SETTLED).encode(v)
    damped = machine(**SETTLED, **{"mean_field.damping": 0.5}).encode(v)
    torch.testing.assert_close(plain, damped, rtol=0, atol=1e-8)
