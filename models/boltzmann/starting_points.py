"""Where annealed chains start: the base-rate model, its samples, and states near the data."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from .machine import BINARY, Machine
from .units import Gaussian, Multinomial


def base_rate(machine: Machine, data_TNV: Tensor) -> Tensor:
    """Visible biases with which the machine without weights has the data's means, (1 or T, V).

    Log-odds for binary units, log-frequencies for counts (half an observation is added to each
    outcome, so that both are finite), the means themselves for Gaussian units, and for units of
    other kinds the machine's own biases.
    """
    v_TNV = machine.measured(data_TNV)
    if machine.visible == BINARY:
        return ((v_TNV.sum(1) + 0.5) / (v_TNV.shape[1] + 1)).logit()
    if isinstance(machine.visible, Multinomial):
        counts_TV = v_TNV.sum(1) + 0.5
        return (counts_TV / counts_TV.sum(-1, keepdim=True)).log()
    if isinstance(machine.visible, Gaussian):
        return v_TNV.mean(1)
    return machine.visible_bias_TV


def starting_states(
    machine: Machine, data_TNV: Tensor | None, base_TV: Tensor, chains: int, draws: Draws
) -> Tensor:
    """Visible states for each chain, (1 or T, C, V): data in random order, repeated if few.

    Without data, samples of the base-rate model. Documents are brought to the machine's length.
    """
    if data_TNV is None:
        input_TCV = base_TV[:, None].expand(-1, chains, -1)
        return machine.visible.sample(input_TCV, draws, "states")
    v_TNV = machine.measured(data_TNV)
    order = draws.permutation("rows", v_TNV.shape[1])
    picked = order[:, torch.arange(chains, device=order.device) % order.shape[1], None]
    trials = max(len(v_TNV), len(picked))
    v_TCV = torch.take_along_dim(
        v_TNV.expand(trials, -1, -1), picked.expand(trials, -1, v_TNV.shape[-1]), dim=1
    )
    if isinstance(machine.visible, Multinomial):
        words_TC1 = v_TCV.sum(-1, keepdim=True).clamp(min=1)
        return v_TCV * (machine.visible.length_TB[..., None] / words_TC1)
    return v_TCV
