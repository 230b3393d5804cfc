"""The partition function by both sides, jointly, by integration and over all documents."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from made_machines import made_parameters

from layerwise.models import InputError
from layerwise.models.boltzmann.likelihood import (
    binary_states,
    enumerable,
    exact_log_partition,
    exact_log_partitions,
)
from layerwise.models.boltzmann.machine import (
    bernoulli_machine,
    gaussian_machine,
    replicated_softmax_machine,
)
from layerwise.models.boltzmann.units import Bernoulli, Gaussian

MACHINES = 3


def parameters(visible: int, hidden: int) -> dict[str, torch.Tensor]:
    return made_parameters(visible, hidden, MACHINES, seed=visible)


def log_partition(given: dict[str, torch.Tensor]) -> torch.Tensor:
    return exact_log_partition(bernoulli_machine(given))


def turned(given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same machine with its sides exchanged."""
    return {
        "weight": given["weight"].mT,
        "visible_bias": given["hidden_bias"],
        "hidden_bias": given["visible_bias"],
    }


def test_both_sides_and_the_joint_sum_agree() -> None:
    given = parameters(8, 6)
    v, h = binary_states(8), binary_states(6)
    minus_energy = (
        torch.einsum("nv,tvh,mh->tnm", v, given["weight"], h)
        + (given["visible_bias"] @ v.T)[:, :, None]
        + (given["hidden_bias"] @ h.T)[:, None]
    )
    jointly = minus_energy.logsumexp((1, 2))
    by_hiddens = log_partition(given)
    by_visibles = minus_energy.logsumexp(2).logsumexp(1)
    for found in (by_hiddens, by_visibles, log_partition(turned(given))):
        torch.testing.assert_close(found, jointly, rtol=1e-10, atol=1e-10)


def test_the_smaller_side_is_enumerated_whichever_it_is() -> None:
    wide = parameters(40, 3)
    torch.testing.assert_close(log_partition(wide), log_partition(turned(wide)))


def test_more_states_than_fit_one_slice() -> None:
    given = {name: torch.zeros_like(value) for name, value in parameters(14, 15).items()}
    expected = torch.full(
        (MACHINES,), 29 * torch.log(torch.tensor(2.0)).item(), dtype=torch.float64
    )
    torch.testing.assert_close(log_partition(given), expected)


def test_single_precision_is_summed_in_double() -> None:
    given = parameters(8, 6)
    single = log_partition({name: value.float() for name, value in given.items()})
    assert single.dtype == torch.float64
    torch.testing.assert_close(single, log_partition(given), rtol=1e-6, atol=1e-5)


def test_machines_too_wide_to_enumerate_are_refused() -> None:
    with pytest.raises(InputError, match="at most 20 units, but got '21 visible and 22 hidden"):
        log_partition(parameters(21, 22))


def test_binary_states_are_all_different() -> None:
    states = binary_states(5)
    assert states.shape == (32, 5)
    assert len({tuple(row) for row in states.tolist()}) == 32
    assert set(states.flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("scale", [0.0, 1.0, 12.0, 60.0, 400.0])
def test_weights_of_every_strength(scale: float) -> None:
    """Beyond inputs of 20 torch's own softplus errs by 2e-9; beyond 700 exp overflows."""
    given = {name: scale * value for name, value in parameters(8, 40).items()}
    v = binary_states(8)
    inputs = v @ given["weight"] + given["hidden_bias"][:, None]
    free = (inputs.relu() + inputs.abs().neg().exp().log1p()).sum(-1)
    expected = (free + given["visible_bias"] @ v.T).logsumexp(-1)
    torch.testing.assert_close(log_partition(given), expected, rtol=1e-13, atol=1e-13)


def test_inputs_that_cancel_lose_nothing() -> None:
    """exp(800) · exp(−800) in two factors would be no number."""
    given = {name: torch.zeros_like(value) for name, value in parameters(6, 5).items()}
    given["weight"][:, :3] = 800
    given["weight"][:, 3:] = -800
    v = binary_states(6)
    expected = (v @ given["weight"]).relu() + math.log(2) * (v @ given["weight"] == 0)
    torch.testing.assert_close(log_partition(given), expected.sum(-1).logsumexp(-1))


def test_gaussian_visibles_by_quadrature() -> None:
    """Sums over an even grid converge faster than any power of its step for smooth densities."""
    given = parameters(2, 3) | {"log_variance": torch.tensor([[0.0, 0.5], [-1, 0.2], [0.7, -0.3]])}
    given["log_variance"] = given["log_variance"].double()
    line = torch.linspace(-25, 25, 601, dtype=torch.float64)
    x = torch.cartesian_prod(line, line)
    h = binary_states(3)
    variance = given["log_variance"].exp()[:, None]
    minus_energy = -((x - given["visible_bias"][:, None]).square() / (2 * variance)).sum(-1)
    hidden = (x / variance) @ given["weight"] + given["hidden_bias"][:, None]
    summed = torch.logsumexp(minus_energy[..., None] + hidden @ h.T, (1, 2))
    cell = 2 * math.log(line[1] - line[0])
    found = exact_log_partition(gaussian_machine(given))
    torch.testing.assert_close(found, summed + cell, rtol=1e-10, atol=1e-10)


def test_gaussian_hiddens_by_quadrature() -> None:
    given = parameters(4, 1)
    h = torch.linspace(-40, 40, 4001, dtype=torch.float64)
    v = binary_states(4)
    minus_energy = (
        (v @ given["weight"] + given["hidden_bias"][:, None]) * h
        + (given["visible_bias"] @ v.T)[..., None]
        - h.square() / 2
    )
    expected = minus_energy.logsumexp((1, 2)) + math.log(h[1] - h[0])
    found = exact_log_partition(bernoulli_machine(given, hidden=Gaussian()))
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("length", [1, 4])
def test_replicated_softmax_over_all_sequences_and_over_hiddens(length: int) -> None:
    words = 5
    given = parameters(words, 3)
    h = binary_states(3)
    sequences = torch.tensor(list(product(range(words), repeat=length)))
    counts = torch.nn.functional.one_hot(sequences, words).sum(1).double()
    minus_energy = (
        torch.einsum("nv,tvh,mh->tnm", counts, given["weight"], h)
        + (given["visible_bias"] @ counts.T)[:, :, None]
        + length * (given["hidden_bias"] @ h.T)[:, None]
    )
    found = exact_log_partition(replicated_softmax_machine(given, length))
    torch.testing.assert_close(found, minus_energy.logsumexp((1, 2)), rtol=1e-10, atol=1e-10)


def test_documents_of_many_lengths_at_once() -> None:
    given = parameters(9, 4)
    lengths = torch.tensor([1.0, 3, 250])
    found = exact_log_partitions(given, lengths)
    for place, length in enumerate(lengths.tolist()):
        one = exact_log_partition(replicated_softmax_machine(given, int(length)))
        torch.testing.assert_close(found[:, place], one, rtol=1e-12, atol=1e-12)
    with pytest.raises(InputError, match="at most 20 hidden units, but got 21"):
        exact_log_partitions(parameters(9, 21), lengths)


def test_only_single_binary_units_are_enumerable() -> None:
    assert enumerable(bernoulli_machine(parameters(30, 20)))
    assert enumerable(bernoulli_machine(parameters(20, 30), hidden=Gaussian()))
    assert not enumerable(bernoulli_machine(parameters(30, 4), hidden=Gaussian()))
    assert not enumerable(bernoulli_machine(parameters(21, 4), hidden=Bernoulli(copies=2)))
