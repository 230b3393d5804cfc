"""Langevin sampling: downhill in energy, and a kick.

x ← x + step · s(x) + √(2 step) ε,  ε ~ N(0, 1),  s(x) = ∂ log p(x)/∂x

For a direction in which p is N(0, λ) the stationary variance is λ/(1 − step/(2λ)): too large by
step/2 for small steps, and endless from step = 2λ on (Roberts & Tweedie 1996, Bernoulli 2:341, on
the unadjusted chain).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from ..autoencoders.autoencoder import Autoencoder
from ..draws import Draws
from ..errors import InputError
from ..trial_axis import column
from .chain import Transition, run


@dataclass(frozen=True)
class Langevin:
    """A transition along a score.

    Args:
        score: (1 or T, B, V) → (T, B, V).
        step_T: size of the step, in squared units of the input.
    """

    score: Callable[[Tensor], Tensor]
    step_T: Tensor

    def __call__(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """The next states (T, B, V)."""
        moved_TBV = torch.addcmul(x_TBV, column(self.step_T, x_TBV), self.score(x_TBV))
        kick_TBV = draws.normal("langevin", *moved_TBV.shape[1:])
        return torch.addcmul(moved_TBV, column((2 * self.step_T).sqrt(), moved_TBV), kick_TBV)


def langevin(network: Autoencoder, share: float = 0.1) -> Langevin:
    """The transition of a network that has learned a score, (r(x) − x)/σ².

    It samples the data smoothed by the training's noise. No direction of a smoothed density is
    narrower than σ, so that a step of ``share · σ²`` is stable below a share of 2, and too wide by
    at most 1/(1 − share/2) in variance.

    Args:
        network: trained to remove Gaussian noise.
        share: of σ², above 0 and below 2.

    Raises:
        InputError: another noise, none in some trial, or a share out of its range.
    """
    where = f"{network.name}, langevin"
    if network.corruption.kind != "gaussian":
        raise InputError(where, "needs gaussian corruption", network.corruption.kind)
    if (level := network.corruption.level.min().item()) <= 0:
        raise InputError(where, "needs a corruption.level above 0", level)
    if not 0 < share < 2:
        raise InputError(where, "needs a step above 0 and below 2 σ²", share)
    return Langevin(network.score, share * network.corruption.level.square())


def annealed(
    transitions: Sequence[Transition], start_TBV: Tensor, steps: int, draws: Draws
) -> Tensor:
    """That many steps of each transition in turn, (T, B, V) (Song & Ermon 2019, algorithm 1)."""
    state_TBV = start_TBV
    for number, transition in enumerate(transitions):
        state_TBV = run(transition, state_TBV, steps, draws.within(f"annealed/{number}"))
    return state_TBV


def descending(network: Autoencoder, share: float = 0.1) -> list[Langevin]:
    """A transition for each trial of a cohort alone, the one with the most noise first.

    A cohort whose trials differ in their noise level so becomes one sampler, for :func:`annealed`:
    much noise finds the modes from afar, little noise follows them closely.
    """
    order = network.corruption.level.argsort(descending=True, stable=True)
    return [langevin(_alone(network, trial), share) for trial in torch.split(order, 1)]


def _alone(network: Autoencoder, trial: Tensor) -> Autoencoder:
    """A network of one trial; the cohort stays as it is."""
    one = copy(network)
    one.below = tuple(copy(layer) for layer in network.below)
    one.select(trial)
    return one
