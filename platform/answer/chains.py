"""Gibbs chains of a trained machine, looked at after more and more steps."""

from __future__ import annotations

import numpy as np

from ...models.estimator import Estimator

CHAINS = 8
STEPS = (1, 10, 100, 1000)
EFFORT = 2**29
"""Multiplications that one chain may take; of large machines the last step is not waited for."""
SEED = 0


def chains(machine: Estimator, effort: int) -> tuple[list[int], list[np.ndarray]]:
    """The numbers of steps, and the visible means (CHAINS, V) after each; empty if it cannot dream.

    A machine's draws belong to the step, so the chains that start anew for each number of steps
    are the same chains, taken further.

    Args:
        machine: a trained network.
        effort: multiplications of a step, about.
    """
    if not hasattr(machine, "sample"):
        return [], []
    steps = [number for number in STEPS if number * effort <= EFFORT]
    return steps, [machine.sample(CHAINS, number, SEED) for number in steps]
