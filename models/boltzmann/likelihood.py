"""Exact partition functions, by enumerating the states of one side of a machine.

Shape suffixes: S states, U units of the side that is not enumerated.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..errors import InputError
from .machine import BINARY, Machine, replicated_softmax_machine
from .units import softplus

ENUMERABLE = 20
# Numbers that are in work at a time; they then stay in a core's cache.
_CHUNK = 2**18
# exp(700) is a double, exp(710) is not.
_LARGEST = 700.0


@torch.no_grad()
def exact_log_partition(machine: Machine) -> Tensor:
    """log Z of a machine with a small side of binary units, (T,), in nats and double precision.

    With s the states of that side, a its bias, W oriented from it, c the other side's bias and A
    the other side's log-normaliser, log Z = log Σ_s exp(aᵀs + Σ_j A(c_j + (sW)_j)).

    Raises:
        InputError: no side is binary with at most 20 units.
    """
    oriented = _enumerable_side_first(machine)
    if oriented is None:
        visible, hidden = machine.weight_TVH.shape[1:]
        raise InputError(
            "log_likelihood",
            f"is exact, so one side may have at most {ENUMERABLE} units",
            f"{visible} visible and {hidden} hidden ones",
        )
    return _log_sum(oriented) + machine.offset()


@torch.no_grad()
def exact_log_partitions(parameters: Mapping[str, Tensor], length_L: Tensor) -> Tensor:
    """log Z_D = log Σ_h exp(D (cᵀh + log Σ_k exp(b_k + (Wh)_k))), (T, L), in double precision.

    The replicated softmax's, for documents of several lengths at once: the sum over h is that of
    single words.

    Args:
        parameters: as in :func:`.replicated_softmax_machine`.
        length_L: D of each, whole numbers.

    Raises:
        InputError: more than 20 hidden units.
    """
    one_word = replicated_softmax_machine(parameters, 1)
    oriented = _enumerable_side_first(one_word)
    if oriented is None:
        hidden = one_word.weight_TVH.shape[2]
        rule = f"is exact, so there may be at most {ENUMERABLE} hidden units"
        raise InputError("log_likelihood", rule, hidden)
    oriented, length_L1 = oriented.double(), length_L.double()[:, None]
    trials, width, words = oriented.weight_TVH.shape
    rows = max(1, _CHUNK // (trials * max(words, len(length_L1))))
    states = binary_states(width, oriented.weight_TVH.device)
    parts = [
        (length_L1 * oriented.log_unnormalised(part_SV[None])[:, None]).logsumexp(-1)
        for part_SV in torch.split(states, rows)
    ]
    return torch.stack(parts).logsumexp(0)


def enumerable(machine: Machine) -> bool:
    """Whether :func:`exact_log_partition` can sum over one of the sides."""
    return _enumerable_side_first(machine) is not None


def binary_states(width: int, device: torch.device | None = None) -> Tensor:
    """All 2^width rows of zeros and ones, (2^width, width), in double precision."""
    count = torch.arange(2**width, device=device)
    return (count[:, None] >> torch.arange(width, device=device) & 1).double()


def _enumerable_side_first(machine: Machine) -> Machine | None:
    """The machine with its smaller binary side as the visible one, if that side is small."""
    sides = [side for side in (machine, machine.turned()) if side.visible == BINARY]
    smallest = min(sides, key=lambda side: side.weight_TVH.shape[1], default=None)
    if smallest is None or smallest.weight_TVH.shape[1] > ENUMERABLE:
        return None
    return smallest


def _log_sum(machine: Machine) -> Tensor:
    """log Σ_s exp(bᵀs + Σ_j A(c_j + (sW)_j)) over all binary visible states s, (T,), in nats."""
    machine = machine.double()
    groups = _groups(machine) if machine.hidden == BINARY else None
    if groups is not None:
        return _log_sum_of_products(machine, groups)
    trials, width, other = machine.weight_TVH.shape
    states = binary_states(width, machine.weight_TVH.device)
    parts = [
        machine.log_unnormalised(states_SV[None]).logsumexp(-1)
        for states_SV in torch.split(states, max(1, _CHUNK // (trials * other)))
    ]
    return torch.stack(parts, -1).logsumexp(-1)


def _log_sum_of_products(machine: Machine, groups: list[int]) -> Tensor:
    """:func:`_log_sum` with Π_j (1 + exp(c_j + (sW)_j)) as a product, eight times as fast.

    With s in two parts, exp(c + sW) = exp(s₁W₁) · exp(c + s₂W₂), which leaves a multiplication and
    an addition for each state and unit where there were an exponential and a logarithm.

    Args:
        groups: sizes of groups of units whose products do not overflow.
    """
    trials, width, other = machine.weight_TVH.shape
    first = _first_part(machine)
    device = machine.weight_TVH.device
    states, more = binary_states(first, device), binary_states(width - first, device)
    odds_TSU = (states @ machine.weight_TVH[:, :first]).exp()
    linear_TS = machine.visible_bias_TV[:, :first] @ states.mT
    parts = []
    for more_SV in torch.split(more, max(1, _CHUNK // (trials * len(states) * other))):
        input_TSU = more_SV @ machine.weight_TVH[:, first:] + machine.hidden_bias_TH[:, None]
        factor_TSSU = input_TSU.exp()[:, :, None] * odds_TSU[:, None]
        factor_TSSU += 1
        more_linear_TS = machine.visible_bias_TV[:, first:] @ more_SV.mT
        log_p_TSS = more_linear_TS[..., None] + linear_TS[:, None]
        for group_TSSU in torch.split(factor_TSSU, groups, -1):
            log_p_TSS += group_TSSU.prod(-1).log()
        parts.append(log_p_TSS.logsumexp((1, 2)))
    return torch.stack(parts, -1).logsumexp(-1)


def _first_part(machine: Machine) -> int:
    """How many units the first part of a state has, so that its odds fill one chunk."""
    trials, width, other = machine.weight_TVH.shape
    return min(width // 2, max(_CHUNK // (trials * other), 1).bit_length() - 1)


def _groups(machine: Machine) -> list[int] | None:
    """Sizes of groups of units, in order, in which Π_j (1 + exp(a_j)) stays finite for all states.

    None where no grouping makes it so. Every factor is at least 1, so that nothing is lost below.
    """
    weight_TVU = machine.weight_TVH
    odds_TU = weight_TVU[:, : _first_part(machine)].relu().sum(1)
    largest_TU = machine.hidden_bias_TH + weight_TVU.relu().sum(1)
    bound_U = softplus(largest_TU).amax(0)
    if max(bound_U.max().item(), odds_TU.max().item()) > _LARGEST:
        return None
    sizes, total = [0], 0.0
    for bound in bound_U.tolist():
        if total + bound > _LARGEST:
            sizes.append(0)
            total = 0.0
        sizes[-1] += 1
        total += bound
    return sizes
