"""Markov chains: one transition after another, all trials and all chains at once.

The draws of a step belong to its number, so that a chain that is taken up again goes on with the
numbers it would have had.

Shape suffixes: B chains of each trial; S states along a chain.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import InputError

Transition = Callable[[Tensor, Draws], Tensor]
"""From states (1 or T, B, V) and the draws of one step to the next states (T, B, V)."""


def white_noise(
    count: int, visible: int, draws: Draws, mean: float = 0.0, spread: float = 1.0
) -> Tensor:
    """States to start from, independent N(mean, spread²), (1 or T, count, visible)."""
    return mean + spread * draws.normal("chain/start", count, visible)


@torch.no_grad()
def run(
    transition: Transition, start_TBV: Tensor, steps: int, draws: Draws, taken: int = 0
) -> Tensor:
    """The states (T, B, V) after that many steps.

    Args:
        transition: what a step does.
        start_TBV: first states (1 or T, B, V).
        steps: at least 1.
        draws: of the whole chain.
        taken: steps that led to the start, of a chain that is taken up again.

    Raises:
        InputError: no step.
    """
    if steps < 1:
        raise InputError("chain", "needs at least one step", steps)
    state_TBV = start_TBV
    for step in range(taken, taken + steps):
        state_TBV = transition(state_TBV, draws.within(f"chain/{step}"))
    return state_TBV


@torch.no_grad()
def trajectory(
    transition: Transition,
    start_TBV: Tensor,
    states: int,
    draws: Draws,
    burn_in: int = 0,
    thin: int = 1,
) -> Tensor:
    """States along a chain, (S, T, B, V): one in every ``thin`` steps, after ``burn_in`` others.

    Raises:
        InputError: no state to keep, or none between them.
    """
    if states < 1 or burn_in < 0 or thin < 1:
        rule = "needs at least one state, one step between states, and no negative burn-in"
        raise InputError("chain", rule, (states, thin, burn_in))
    state_TBV = run(transition, start_TBV, burn_in, draws) if burn_in else start_TBV
    kept = []
    for number in range(states):
        state_TBV = run(transition, state_TBV, thin, draws, taken=burn_in + number * thin)
        kept.append(state_TBV)
    return torch.stack(kept)
