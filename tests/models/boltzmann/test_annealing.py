"""Annealed weights against enumeration, without and with chains."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from made_machines import exact_samples, made_parameters, visible_log_probability

from layerwise.models.boltzmann.annealing import (
    anneal,
    base_log_partition,
    effective_samples,
    gibbs,
    log_mean,
    relative_error,
    temperatures_of,
    trace,
)
from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition
from layerwise.models.boltzmann.machine import bernoulli_machine, replicated_softmax_machine
from layerwise.models.draws import Draws

BASE = torch.tensor([[0.3, -1.0, 0.5, 0.0, 1.2]], dtype=torch.float64)


def draws() -> Draws:
    return Draws([0], dtype=torch.float64)


def base_samples(chains: int) -> torch.Tensor:
    return (draws().uniform("base", chains, 5) < BASE.sigmoid()[:, None]).double()


@pytest.mark.parametrize("schedule", ["linear", "graded"])
@pytest.mark.parametrize("count", [1, 7, 100, 14_500])
def test_temperatures_rise_from_0_to_1(schedule: str, count: int) -> None:
    betas = temperatures_of(schedule, count)
    assert len(betas) == count + 1
    assert (betas[0], betas[-1]) == (0, 1)
    assert sorted(set(betas)) == betas


def test_graded_temperatures_are_those_of_the_paper() -> None:
    betas = temperatures_of("graded", 14_500)
    assert betas[500] == pytest.approx(0.5)
    assert betas[4500] == pytest.approx(0.9)
    steps = [b - a for a, b in pairwise(betas)]
    assert steps[0] == pytest.approx(0.5 / 500)
    assert steps[1000] == pytest.approx(0.4 / 4000)
    assert steps[-1] == pytest.approx(0.1 / 10_000)


@pytest.mark.parametrize("up", [True, False])
def test_the_mean_weight_is_the_ratio_of_partition_functions(up: bool) -> None:
    """In a single step, with every state once: Σ_v p(v) w(v) = Z/Z₀ upwards, Z₀/Z downwards."""
    machine = bernoulli_machine(made_parameters(5, 4))
    states = binary_states(5)
    base = (BASE @ states.T).log_softmax(-1)
    start = base if up else visible_log_probability(machine)
    betas = [0.0, 1.0] if up else [1.0, 0.0]
    log_weight = anneal(machine, BASE, betas, states[None], draws())
    found = (start + log_weight).logsumexp(-1)
    ratio = exact_log_partition(machine) - base_log_partition(machine, BASE)
    torch.testing.assert_close(found, ratio if up else -ratio, rtol=1e-12, atol=1e-12)


def test_the_mean_weight_of_many_steps() -> None:
    """20 000 chains through a few temperatures, so that transitions at every β matter."""
    machine = bernoulli_machine(made_parameters(5, 4, scale=1.5))
    chains, betas = 20_000, [0.0, 0.2, 0.5, 0.8, 1.0]
    ratio = exact_log_partition(machine) - base_log_partition(machine, BASE)
    for path, state, expected in (
        (betas, base_samples(chains), ratio),
        (betas[::-1], exact_samples(machine, chains), -ratio),
    ):
        log_weight = anneal(machine, BASE, path, state, draws())
        error = (log_mean(log_weight) - expected).abs()
        assert error.item() < 4 * relative_error(log_weight).item()
        assert relative_error(log_weight).item() < 0.05


def test_gibbs_steps_leave_the_machine_as_it_is() -> None:
    machine = bernoulli_machine(made_parameters(5, 4, scale=2.0))
    chains = 20_000
    after = gibbs(machine, exact_samples(machine, chains), 3, draws())
    place = (after @ (2.0 ** torch.arange(5, dtype=torch.float64))).long()
    share = torch.bincount(place[0], minlength=32) / chains
    expected = visible_log_probability(machine)[0].exp()
    # Five standard errors of each state's share.
    assert ((share - expected).abs() < 5 * (expected / chains).sqrt() + 1e-4).all()


def test_a_trace_is_the_unnormalised_probability_along_the_chain() -> None:
    machine = bernoulli_machine(made_parameters(5, 4, 2))
    start = exact_samples(machine, 6)
    two = Draws([0, 1], dtype=torch.float64)
    found = trace(machine, start, 3, two)
    assert found.shape == (2, 6, 3)
    for steps in range(3):
        states = gibbs(machine, start, steps, two)
        torch.testing.assert_close(found[..., steps], machine.log_unnormalised(states))


def test_without_weights_every_chain_weighs_the_same() -> None:
    given = made_parameters(5, 4)
    given["weight"].zero_()
    machine = bernoulli_machine(given)
    log_weight = anneal(
        machine, machine.visible_bias_TV, temperatures_of("linear", 50), binary_states(5)[None],
        draws(),
    )  # fmt: skip
    exact = (
        torch.log1p(given["visible_bias"].exp()).sum()
        + torch.log1p(given["hidden_bias"].exp()).sum()
    )
    found = base_log_partition(machine, machine.visible_bias_TV)[:, None] + log_weight
    torch.testing.assert_close(found, exact.expand(1, 32), rtol=1e-12, atol=1e-12)


def test_base_rate_of_documents() -> None:
    """Z₀ = (Σ_k exp(a_k))^D 2^H."""
    machine = replicated_softmax_machine(made_parameters(5, 3), 6)
    expected = 6 * BASE.logsumexp(-1) + 3 * math.log(2)
    torch.testing.assert_close(base_log_partition(machine, BASE), expected)


def test_effective_samples_between_one_and_all() -> None:
    even, one = torch.zeros(1, 50).double(), torch.full((1, 50), -800.0).double()
    one[0, 7] = 300
    torch.testing.assert_close(effective_samples(even).item(), 50.0)
    torch.testing.assert_close(effective_samples(one).item(), 1.0)


def test_the_error_of_the_mean_weight() -> None:
    weight = torch.tensor([[1.0, 2.0, 6.0]], dtype=torch.float64)
    shifted = weight.log() + 500
    assert log_mean(shifted).item() == pytest.approx(500 + math.log(3))
    error = math.sqrt(7.0) / math.sqrt(3) / 3
    assert relative_error(shifted).item() == pytest.approx(error)


def test_single_precision_follows_double() -> None:
    """3 000 temperatures in float32 add up no error that matters."""
    given = made_parameters(5, 4)
    single = bernoulli_machine({name: value.float() for name, value in given.items()})
    betas = temperatures_of("linear", 3000)
    log_weight = anneal(single, BASE.float(), betas, base_samples(100).float(), Draws([0]))
    assert log_weight.dtype == torch.float64
    found = base_log_partition(single, BASE.float()) + log_mean(log_weight)
    exact = exact_log_partition(bernoulli_machine(given))
    torch.testing.assert_close(found, exact, rtol=0, atol=0.03)
