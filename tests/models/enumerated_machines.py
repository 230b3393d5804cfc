"""Small machines of which every state is listed, and what follows exactly from the list."""

from __future__ import annotations

from typing import Any, TypeVar

import torch

from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.restricted_boltzmann_machine import RestrictedBoltzmannMachine
from layerwise.models.registry import resolve

VISIBLE, HIDDEN = 8, 6
CHAINS = 20_000

M = TypeVar("M", bound=RestrictedBoltzmannMachine)


def machine(
    variant: type[M],
    visible: int = VISIBLE,
    trials: int = 1,
    scale: float = 0.8,
    **given: Any,
) -> M:
    """Machines with weights large enough to matter, in double precision."""
    settings = resolve(variant, {"hidden": HIDDEN, **given})
    made = variant(visible, [settings] * trials, list(range(trials)), torch.float64)
    generator = torch.Generator().manual_seed(7)
    for parameter in made.parameters.values():
        parameter += scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def binary_joint(
    made: RestrictedBoltzmannMachine,
    beta: float = 1.0,
    mu: torch.Tensor | None = None,
    lam: torch.Tensor | None = None,
) -> torch.Tensor:
    """p(v, h) of the first trial over all binary states, (2^V, 2^H); tempered where β < 1.

    log p = β vᵀWh + (1 − β)(vᵀWλ + μᵀWh) + bᵀv + cᵀh − log Z.
    """
    p = {name: value[0] for name, value in made.parameters.items()}
    v, h = binary_states(made.visible), binary_states(made.hidden)
    weights = beta * v @ p["weight"] @ h.T + (v @ p["visible_bias"])[:, None] + h @ p["hidden_bias"]
    if mu is not None and lam is not None:
        weights += (1 - beta) * ((v @ p["weight"] @ lam)[:, None] + mu @ p["weight"] @ h.T)
    return (weights - weights.logsumexp((0, 1))).exp()


def gibbs_kernel(joint: torch.Tensor) -> torch.Tensor:
    """p(v′ | v) = Σ_h p(v′ | h) p(h | v), (2^V, 2^V)."""
    return (joint / joint.sum(1, keepdim=True)) @ (joint / joint.sum(0)).T


def drawn(probability: torch.Tensor, count: int, seed: int = 2) -> torch.Tensor:
    """Indices drawn from a distribution."""
    generator = torch.Generator().manual_seed(seed)
    return torch.multinomial(probability, count, replacement=True, generator=generator)


def state_index(states: torch.Tensor) -> torch.Tensor:
    """The place of binary states in :func:`binary_states`."""
    return (states.long() << torch.arange(states.shape[-1])).sum(-1)


def chi_square(index: torch.Tensor, probability: torch.Tensor) -> float:
    """χ²/df of a histogram; states that are expected less than 10 times count together."""
    expected = probability * len(index)
    observed = torch.bincount(index, minlength=len(probability)).double()
    rare = expected < 10
    expected = torch.cat([expected[~rare], expected[rare].sum()[None]])
    observed = torch.cat([observed[~rare], observed[rare].sum()[None]])
    kept = expected > 0
    return float(((observed - expected).square() / expected)[kept].sum() / (kept.sum() - 1))


def made_states(rows: int, visible: int = VISIBLE) -> torch.Tensor:
    """Binary inputs."""
    generator = torch.Generator().manual_seed(1)
    return (torch.rand(rows, visible, generator=generator) < 0.4).double()
