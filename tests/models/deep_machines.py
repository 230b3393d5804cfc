"""Small deep machines with weights that matter, and all their states."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any, TypeVar

import torch
from torch import Tensor

from layerwise.models.boltzmann.greedy import GreedyMachine
from layerwise.models.boltzmann.layered import Layers, States
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.registry import resolve

VISIBLE, HIDDEN = 6, 3
# Bit for bit almost: a sample is held where no mean moves by more than 1e-14.
SETTLED = {"mean_field.updates": 2000, "mean_field.tolerance": 1e-14}

G = TypeVar("G", bound=GreedyMachine)


def deep(
    variant: type[G],
    layers: tuple[int, ...] = (4,),
    trials: int = 1,
    scale: float = 0.8,
    **given: Any,
) -> G:
    """Machines of 6 visible units, 4 and 3 hidden ones, in double precision."""
    settings = resolve(variant, {"hidden": HIDDEN, "layers": layers, **given})
    made = variant(VISIBLE, [settings] * trials, list(range(trials)), torch.float64)
    generator = torch.Generator().manual_seed(3)
    for parameter in made.parameters.values():
        parameter += scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def every(*widths: int) -> list[Tensor]:
    """All states of layers of these widths together, (1, 2^Σ, width) each."""
    return list(torch.split(binary_states(sum(widths))[None], widths, dim=-1))


def states_of(layers: Layers, indices: tuple[int, ...]) -> dict[int, Tensor]:
    """All states of some layers together."""
    return dict(zip(indices, every(*(layers[i].width for i in indices)), strict=True))


def log_weights(made: GreedyMachine) -> Tensor:
    """−E of a chain of layers by its definition, (T, 2^V, 2^n₁, 2^n₂, …)."""
    sizes = (made.visible, *made.layers, made.hidden)
    names = ["visible_bias", *(f"{depth}.hidden_bias" for depth in range(1, len(sizes)))]
    total = torch.zeros(made.trials, *(2**size for size in sizes), dtype=torch.float64)
    for place, (size, name) in enumerate(zip(sizes, names, strict=True)):
        term = made.parameters[name] @ binary_states(size).T
        total += term.view(-1, *(1,) * place, 2**size, *(1,) * (len(sizes) - place - 1))
    for place, (lower, upper) in enumerate(pairwise(sizes)):
        weight = made.parameters[f"{place + 1}.weight"]
        term = binary_states(lower) @ weight @ binary_states(upper).T
        shape = (-1, *(1,) * place, 2**lower, 2**upper, *(1,) * (len(sizes) - place - 2))
        total += term.view(shape)
    return total


def moments(layers: Layers, states: States) -> dict[str, Tensor]:
    """mean_b −∂E/∂θ at states, by parameter name: states that are all 0 have no slope."""
    silent = {i: torch.zeros_like(state) for i, state in states.items()}
    return layers.slope_gap(silent, states)


def weighted_moments(layers: Layers, states: States, probability_S: Tensor) -> dict[str, Tensor]:
    """Σ_s p(s) −∂E/∂θ at s, by parameter name, over all of S states (1, S, width)."""
    total: dict[str, Tensor] = {}
    for row, probability in enumerate(probability_S):
        found = moments(layers, {i: state[:, row : row + 1] for i, state in states.items()})
        for name, value in found.items():
            total[name] = probability * value + total.get(name, torch.zeros_like(value))
    return total


def numeric_gradients(made: GreedyMachine, function: Any, step: float = 1e-5) -> dict[str, Tensor]:
    """Central differences of a number by every parameter of a single trial."""
    found = {}
    for name, parameter in made.parameters.items():
        numeric = torch.empty_like(parameter)
        for index in product(*map(range, parameter.shape)):
            before = parameter[index].item()
            parameter[index] = before + step
            above = function()
            parameter[index] = before - step
            numeric[index] = (above - function()) / (2 * step)
            parameter[index] = before
        found[name] = numeric
    return found
