"""Boltzmann machines small enough to enumerate, and exact samples of them."""

from __future__ import annotations

import torch
from torch import Tensor

from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.machine import Machine


def made_parameters(
    visible: int, hidden: int, trials: int = 1, *, scale: float = 1.0, seed: int = 0
) -> dict[str, Tensor]:
    """Weights from N(0, scale²), biases from N(0, 1)."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(trials, *shape, generator=generator, dtype=torch.float64)

    return {
        "weight": scale * normal(visible, hidden),
        "visible_bias": normal(visible),
        "hidden_bias": normal(hidden),
    }


def visible_log_probability(machine: Machine) -> Tensor:
    """log p of all states of binary visible units, (T, 2^V)."""
    visible = machine.weight_TVH.shape[1]
    log_p_TS = machine.log_unnormalised(binary_states(visible)[None])
    return log_p_TS.log_softmax(-1)


def exact_samples(machine: Machine, count: int, seed: int = 0) -> Tensor:
    """Samples of binary visible units, (T, count, V), by enumeration."""
    generator = torch.Generator().manual_seed(seed)
    probability_TS = visible_log_probability(machine).exp()
    rows_TN = torch.multinomial(probability_TS, count, replacement=True, generator=generator)
    return binary_states(machine.weight_TVH.shape[1])[rows_TN]
