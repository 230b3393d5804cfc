"""The energy of layers and links, its derivatives, and the machine of two sides that it is."""

from __future__ import annotations

import pytest
import torch
from deep_machines import deep, log_weights, states_of
from torch import Tensor

from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.layered import Layer, Layers, Link, chain_of_layers, fall
from layerwise.models.boltzmann.likelihood import exact_log_partition
from layerwise.models.boltzmann.units import Bernoulli, Gaussian

TRIALS = 3
WIDTHS = (5, 4, 3, 2)


def made_parameters(layers: Layers) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(TRIALS, *shape, generator=generator, dtype=torch.float64)

    found = {layer.bias: normal(layer.width) for layer in layers.layers}
    for link in layers.links:
        found[link.weight] = normal(layers[link.lower].width, layers[link.upper].width)
    return found


def fork() -> Layers:
    """Two layers that see the input and meet in a third."""
    layers = (Layer(3, 0, "a"), Layer(2, 0, "b"), Layer(4, 1, "c"))
    return Layers(layers, (Link(0, 2, "ac"), Link(1, 2, "bc")))


def made_states(layers: Layers, rows: int = 7, shared: tuple[int, ...] = (0,)) -> dict[int, Tensor]:
    """Numbers between 0 and 1; those of the shared layers are the same for all trials."""
    generator = torch.Generator().manual_seed(1)
    return {
        i: torch.rand(
            1 if i in shared else TRIALS,
            rows,
            layer.width,
            generator=generator,
            dtype=torch.float64,
        )
        for i, layer in enumerate(layers.layers)
    }


both = pytest.mark.parametrize("layers", [chain_of_layers(WIDTHS), fork()], ids=["chain", "fork"])


def test_a_chain_has_the_names_of_deep_networks() -> None:
    layers = chain_of_layers(WIDTHS)
    assert [layer.bias for layer in layers.layers] == [
        "visible_bias", "1.hidden_bias", "2.hidden_bias", "3.hidden_bias",
    ]  # fmt: skip
    assert layers.links == (
        Link(0, 1, "1.weight"), Link(1, 2, "2.weight"), Link(2, 3, "3.weight"),
    )  # fmt: skip
    assert (layers.side(0), layers.side(1), layers.height) == ((0, 2), (1, 3), 3)


def test_the_energy_is_its_definition() -> None:
    made = deep(DeepBoltzmannMachine, layers=(4, 2), trials=2)
    states = states_of(made.structure, (0, 1, 2, 3))
    expected = log_weights(made).permute(0, 4, 3, 2, 1).flatten(1)
    found = -made.structure.energy(made.parameters, states)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@both
def test_inputs_are_the_derivative_of_the_energy_by_a_state(layers: Layers) -> None:
    parameters, states = made_parameters(layers), made_states(layers)
    for i, state in states.items():
        leaf = state.expand(TRIALS, -1, -1).clone().requires_grad_()
        energy = layers.energy(parameters, states | {i: leaf})
        (expected,) = torch.autograd.grad(-energy.sum(), leaf)
        torch.testing.assert_close(layers.inputs(parameters, i, states), expected)


def test_only_layers_with_states_count_and_copies_multiply_them() -> None:
    layers = chain_of_layers(WIDTHS)
    parameters, states = made_parameters(layers), made_states(layers)
    below = states[0].expand(TRIALS, -1, -1) @ parameters["1.weight"]
    above = states[2] @ parameters["2.weight"].mT
    bias = parameters["1.hidden_bias"][:, None]
    for given, times, expected in [
        ({0: states[0]}, 1, bias + below),
        ({0: states[0]}, 2, bias + 2 * below),
        ({2: states[2]}, 2, bias + 2 * above),
        ({0: states[0], 2: states[2], 3: states[3]}, 1, bias + below + above),
    ]:
        found = layers.inputs(parameters, 1, given, times=times)
        torch.testing.assert_close(found, expected)
    found = layers.inputs(parameters, 1, {2: states[2]}, bias + below)
    torch.testing.assert_close(found, bias + below + above)


@both
def test_slopes_are_the_derivative_of_the_energy_by_a_parameter(layers: Layers) -> None:
    parameters = made_parameters(layers)
    states, others = made_states(layers), made_states(layers, rows=4, shared=())
    for value in parameters.values():
        value.requires_grad_()
    energies = [layers.energy(parameters, given).mean(1) for given in (states, others)]
    gap = energies[0] - energies[1]
    expected = torch.autograd.grad(gap.sum(), list(parameters.values()))
    for first, second, sign in [(states, others, 1), (others, states, -1)]:
        found = layers.slope_gap(first, second)
        assert found.keys() == parameters.keys()
        for name, gradient in zip(parameters, expected, strict=True):
            torch.testing.assert_close(found[name], sign * gradient)
        torch.testing.assert_close(fall(parameters, found), sign * gap)


def test_links_to_layers_without_states_have_no_slope() -> None:
    layers = chain_of_layers(WIDTHS)
    states = {i: state for i, state in made_states(layers, shared=()).items() if i in (1, 2)}
    found = layers.slope_gap(states, states)
    assert found.keys() == {"1.hidden_bias", "2.hidden_bias", "2.weight"}
    assert all(value.abs().max() < 1e-15 for value in found.values())


@pytest.mark.parametrize("layers", [chain_of_layers((5, 4, 3, 2)), fork()], ids=["chain", "fork"])
def test_the_machine_of_two_sides_has_the_same_sums(layers: Layers) -> None:
    parameters = made_parameters(layers)
    machine = layers.machine(parameters)
    states = states_of(layers, tuple(range(len(layers.layers))))
    log_p = -layers.energy(parameters, states)
    torch.testing.assert_close(
        exact_log_partition(machine), log_p.logsumexp(-1), rtol=0, atol=1e-10
    )
    even, odd = (torch.cat([states[i] for i in layers.side(side)], -1) for side in (0, 1))
    inner = (even @ machine.weight_TVH * odd).sum(-1)
    linear = (even * machine.visible_bias_TV[:, None]).sum(-1)
    linear += (odd * machine.hidden_bias_TH[:, None]).sum(-1)
    torch.testing.assert_close(inner + linear, log_p, rtol=0, atol=1e-12)


def test_gaussian_units_have_a_base_measure_of_their_own() -> None:
    layers = Layers(
        (Layer(2, 0, "a", Gaussian()), Layer(3, 0, "b"), Layer(2, 1, "c")),
        (Link(0, 2, "ac"), Link(1, 2, "bc")),
    )
    parameters, states = made_parameters(layers), made_states(layers)
    binary = Layers((Layer(2, 0, "a"), *layers.layers[1:]), layers.links)
    difference = layers.energy(parameters, states) - binary.energy(parameters, states)
    expected = (states[0].square().sum(-1) / 2).expand_as(difference)
    torch.testing.assert_close(difference, expected)
    machine = layers.machine(parameters)
    assert machine.hidden == Bernoulli()
    a = torch.linspace(-1, 1, 5)[None, None]
    torch.testing.assert_close(machine.visible.mean(a)[..., :2], a[..., :2])
    torch.testing.assert_close(machine.visible.mean(a)[..., 2:], a[..., 2:].sigmoid())


def test_units_side_by_side_are_parted_in_order() -> None:
    layers = chain_of_layers(WIDTHS)
    units = torch.arange(8.0).view(1, 1, 8)
    parted = layers.parted(units, layers.side(0))
    assert [part.flatten().tolist() for part in parted.values()] == [[0, 1, 2, 3, 4], [5, 6, 7]]
