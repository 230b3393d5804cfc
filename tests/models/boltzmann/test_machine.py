"""The tensors of a machine mean the energy that its variant is defined by."""

from __future__ import annotations

import torch
from made_machines import made_parameters

from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition
from layerwise.models.boltzmann.machine import (
    Machine,
    bernoulli_machine,
    gaussian_machine,
    replicated_softmax_machine,
)
from layerwise.models.boltzmann.units import Bernoulli, Gaussian
from layerwise.models.draws import Draws


def joint(machine: Machine, v: torch.Tensor) -> torch.Tensor:
    """vᵀWh + bᵀv + cᵀh for all binary h, (T, N, 2^H)."""
    h = binary_states(machine.weight_TVH.shape[2])
    return (
        torch.einsum("nv,tvh,mh->tnm", v, machine.weight_TVH, h)
        + (machine.visible_bias_TV @ v.T)[:, :, None]
        + (machine.hidden_bias_TH @ h.T)[:, None]
    )


def test_the_hidden_side_is_summed_out() -> None:
    machine = bernoulli_machine(made_parameters(8, 6, 3))
    v = binary_states(8)
    expected = joint(machine, v).logsumexp(-1)
    torch.testing.assert_close(machine.log_unnormalised(v[None]), expected, rtol=1e-12, atol=1e-12)


def test_inputs_of_both_sides() -> None:
    machine = bernoulli_machine(made_parameters(3, 2, 2))
    v, h = binary_states(3), binary_states(2)
    for trial in range(2):
        weight = machine.weight_TVH[trial]
        torch.testing.assert_close(
            machine.hidden_input(v[None])[trial], v @ weight + machine.hidden_bias_TH[trial]
        )
        torch.testing.assert_close(
            machine.visible_input(h[None])[trial], h @ weight.T + machine.visible_bias_TV[trial]
        )


def test_turning_exchanges_sides_and_keeps_the_sum() -> None:
    machine = bernoulli_machine(made_parameters(5, 7, 2), hidden=Gaussian())
    turned = machine.turned()
    assert (turned.visible, turned.hidden) == (Gaussian(), Bernoulli())
    torch.testing.assert_close(exact_log_partition(turned), exact_log_partition(machine))


def test_a_gaussian_machine_has_the_energy_of_cho_ilin_and_raiko() -> None:
    """In its own units, up to what the offset gives back."""
    given = made_parameters(4, 3, 2) | {
        "log_variance": torch.tensor([[0.3, -1.0, 0.0, 0.7], [1.0, 0.0, -0.2, 0.4]]).double()
    }
    machine = gaussian_machine(given)
    variance = given["log_variance"].exp()
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    h = binary_states(3)
    minus_energy = (
        -((x - given["visible_bias"][:, None]).square() / (2 * variance[:, None])).sum(-1)[
            ..., None
        ]
        + ((x / variance[:, None]) @ given["weight"]) @ h.T
        + (given["hidden_bias"] @ h.T)[:, None]
    )
    u = machine.measured(x)
    torch.testing.assert_close(u * variance[:, None].sqrt(), x)
    jacobian = given["log_variance"].sum(-1) / 2
    found = machine.log_unnormalised(u) - u.square().sum(-1) / 2
    expected = minus_energy.logsumexp(-1) + (jacobian - machine.offset())[:, None]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_a_longer_document_weighs_the_hidden_biases_more() -> None:
    given = made_parameters(5, 3)
    machine = replicated_softmax_machine(given, 7)
    torch.testing.assert_close(machine.hidden_bias_TH, 7 * given["hidden_bias"])
    counts = machine.visible.sample(given["visible_bias"][:, None], _draws(), "words")
    assert counts.sum().item() == 7


def test_double_precision_keeps_the_numbers() -> None:
    given = {name: value.float() for name, value in made_parameters(4, 3).items()}
    double = bernoulli_machine(given).double()
    for tensor, name in (
        (double.weight_TVH, "weight"),
        (double.visible_bias_TV, "visible_bias"),
        (double.hidden_bias_TH, "hidden_bias"),
    ):
        assert tensor.dtype == torch.float64
        assert torch.equal(tensor.float(), given[name])
    assert torch.equal(double.offset(), torch.zeros(1, dtype=torch.float64))


def _draws() -> Draws:
    return Draws([0], dtype=torch.float64)
