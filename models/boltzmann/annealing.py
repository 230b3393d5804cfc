"""Annealed importance sampling: weights whose mean is a ratio of partition functions.

The machine is reached from the base-rate model, which has the same units and no weights, by

p*_β(v) = exp(((1 − β) a + βb)ᵀv + Σ_j A(β(c + vW)_j)),    Z₀ = exp(Σ_i A(a_i) + Σ_j A(0))

with a the base-rate model's visible biases. A chain that visits the temperatures in the order
β₀, β₁, …, β_K has the weight w = Π_k p*_βk(v_{k−1})/p*_βk−1(v_{k−1}), where v_k follows v_{k−1} by
a Gibbs step of the machine at β_k. Started from p_β₀ itself, E[w] = Z_βK/Z_β₀ (Neal 2001,
Statistics and Computing 11:125; for RBMs Salakhutdinov & Murray 2008, ICML). Upwards, from 0 to 1,
log Z is bounded from below on average; downwards, from exact samples of the machine, from above
(Burda, Grosse & Salakhutdinov 2015, AISTATS; Grosse, Ghahramani & Adams 2015, arXiv:1511.02543).

Shape suffixes: C chains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from ..draws import Draws
from ..hyperparameter import Part, choice, structural
from ..trial_axis import product
from .machine import Machine
from .stream import Stream

TEMPERATURES = 1000
CHAINS = 100


class Annealing(Part):
    """How the partition function of a machine too wide to enumerate is estimated."""

    temperatures: int = structural(
        0, low=0, high=10_000_000, unit="temperatures",
        meaning="temperatures of the estimate of log Z when a stage ends; 0 for no estimate",
        reference="Salakhutdinov & Murray 2008 (14 500 temperatures, 100 chains)",
    )  # fmt: skip
    chains: int = structural(
        CHAINS, low=2, high=1_000_000, meaning="chains of the estimate, in each direction",
        unit="chains",
    )  # fmt: skip
    schedule: str = choice(
        "linear", ("linear", "graded"), meaning="how the temperatures are spread",
        reference="graded: Salakhutdinov & Murray 2008",
    )  # fmt: skip


def temperatures_of(schedule: str, count: int) -> list[float]:
    """Inverse temperatures from 0 to 1, in ``count`` steps.

    linear   evenly spread. On a trained 784 × 500 machine it had several times the effective
             samples of the other, at 1 000 and at 14 500 temperatures.
    graded   500 of 14 500 steps up to 0.5, 4 000 from there to 0.9 and 10 000 from there to 1
             (Salakhutdinov & Murray 2008, section 5), in the same proportions for any count.
    """
    if schedule == "linear":
        return [step / count for step in range(count + 1)]
    shares, betas = (0, 500 / 14_500, 4_500 / 14_500, 1), (0, 0.5, 0.9, 1)
    found: list[float] = np.interp(np.arange(count + 1) / count, shares, betas).tolist()
    return found


@torch.no_grad()
def anneal(
    machine: Machine,
    base_TV: Tensor,
    betas: Sequence[float],
    state_TCV: Tensor,
    draws: Draws,
) -> Tensor:
    """The log weights of chains that visit these inverse temperatures, (T, C), in double precision.

    Args:
        base_TV: visible biases of the base-rate model, (1 or T, V).
        betas: at least one pair; from 0 to 1, or from 1 to 0.
        state_TCV: samples of the machine at the first temperature, (1 or T, C, V).
    """
    # Sums of differences stay exact when every β is a number of the machine's own precision.
    betas = torch.tensor(betas, dtype=state_TCV.dtype).tolist()
    stream = Stream(draws, len(betas) - 1)
    slope_TV1 = (machine.visible_bias_TV - base_TV)[..., None]
    log_weight_TC = torch.zeros(
        len(machine.weight_TVH), state_TCV.shape[1], dtype=torch.float64, device=state_TCV.device
    )
    for before, beta in pairwise(betas):
        input_TCH = machine.hidden_input(state_TCV)
        log_weight_TC += (beta - before) * product(state_TCV, slope_TV1)[..., 0]
        old_TCH = machine.hidden.log_normaliser(before * input_TCH)
        input_TCH *= beta
        log_weight_TC += (machine.hidden.log_normaliser(input_TCH) - old_TCH).sum(-1)
        state_TCV = _given(machine, base_TV, beta, input_TCH, stream)
    return log_weight_TC


@torch.no_grad()
def gibbs(machine: Machine, state_TCV: Tensor, steps: int, draws: Draws) -> Tensor:
    """The visible states some full Gibbs steps later, (1 or T, C, V)."""
    stream = Stream(draws, steps)
    for _ in range(steps):
        input_TCH = machine.hidden_input(state_TCV)
        state_TCV = _given(machine, machine.visible_bias_TV, 1.0, input_TCH, stream)
    return state_TCV


@torch.no_grad()
def trace(machine: Machine, state_TCV: Tensor, steps: int, draws: Draws) -> Tensor:
    """log p*(v) of each state along Gibbs chains from these states, (T, C, steps)."""
    stream, found = Stream(draws, steps), []
    for _ in range(steps):
        input_TCH = machine.hidden_input(state_TCV)
        linear_TC = product(state_TCV, machine.visible_bias_TV[..., None])[..., 0]
        found.append(linear_TC + machine.hidden.log_normaliser(input_TCH).sum(-1))
        state_TCV = _given(machine, machine.visible_bias_TV, 1.0, input_TCH, stream)
    return torch.stack(found, -1)


def base_log_partition(machine: Machine, base_TV: Tensor) -> Tensor:
    """log Z₀ of the base-rate model with these visible biases, (1 or T,), in double precision."""
    visible_T = machine.visible.log_normaliser(base_TV.double()[:, None]).sum((1, 2))
    silent_TH = torch.zeros_like(machine.hidden_bias_TH, dtype=torch.float64)
    return visible_T + machine.hidden.log_normaliser(silent_TH[:, None]).sum((1, 2))


def log_mean(log_weight_TC: Tensor) -> Tensor:
    """log of the mean weight, (T,)."""
    return log_weight_TC.logsumexp(-1) - math.log(log_weight_TC.shape[-1])


def relative_error(log_weight_TC: Tensor) -> Tensor:
    """Standard error of the mean weight over that mean, (T,); the standard error of its log."""
    relative = (log_weight_TC - log_mean(log_weight_TC)[:, None]).exp()
    return relative.std(-1) / math.sqrt(log_weight_TC.shape[-1])


def effective_samples(log_weight_TC: Tensor) -> Tensor:
    """(Σw)²/Σw², from 1 to C, (T,) (Kong 1992)."""
    return (2 * log_weight_TC.logsumexp(-1) - (2 * log_weight_TC).logsumexp(-1)).exp()


def _given(
    machine: Machine, base_TV: Tensor, beta: float, input_TCH: Tensor, stream: Stream
) -> Tensor:
    """Visible states at β by way of hidden states with this input, which has β in it already."""
    h_TCH = machine.hidden.sample(input_TCH, stream, "hidden")
    free_TCV = machine.visible_input(h_TCH)
    return machine.visible.sample(torch.lerp(base_TV[:, None], free_TCV, beta), stream, "visible")
