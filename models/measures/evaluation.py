"""What is reported of a network on samples after every epoch; a number per trial, (T,)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..trial_axis import indicator
from .codes import hoyer_sparsity, lifetime_sparsity

if TYPE_CHECKING:
    from ..network import Network

# A unit counts as active on a sample when its activation is further than this from 0.
ACTIVE = 0.1
# Samples measured at a time, so that a large set of samples fits any memory.
ROWS = 1000
# Samples at which a Jacobian is measured that takes a backward pass for each unit of the code: at
# most these, and for wide codes as many as give so many rows.
JACOBIANS = 64
JACOBIAN_ROWS = 4096


@torch.no_grad()
def measure(network: Network, x_TNV: Tensor) -> dict[str, Tensor]:
    """The measures of clean inputs (1 or T, N, V).

    reconstruction_error   squared error per sample, summed over inputs, mean over samples
    hoyer_sparsity         from 0 (all units equal) to 1 (one unit speaks), mean over samples
    lifetime_sparsity      from 0 (speaks to all samples alike) to 1 (to one), mean over the units
                           that ever speak; 0 where none does
    nonzero_units          units with h ≠ 0, the L0 norm, mean over samples
    active_units           units with |h| > 0.1, mean over samples
    dead_units             units that are active on no sample at all
    jacobian_norm          mean ‖∂code/∂input‖_F (over the first 64 samples, or fewer of a code
                           wider than 64, where it takes a backward pass for each unit)
    """
    samples, share = x_TNV.shape[1], network.share
    threshold, zero = x_TNV.new_tensor(ACTIVE), x_TNV.new_zeros(())
    sums: dict[str, Tensor] = {}
    total_TH = square_TH = often_TH = x_TNV.new_zeros(network.trials, network.hidden)
    for x_TBV in torch.split(x_TNV[:, share.part(samples)], ROWS, dim=1):
        code_TBH = network.encode(x_TBV)
        size_TBH = code_TBH.abs()
        active_TH = indicator(torch.gt, size_TBH, threshold).sum(1)
        often_TH = often_TH + active_TH
        total_TH = total_TH + size_TBH.sum(1)
        square_TH = square_TH + size_TBH.square().sum(1)
        part = {
            "reconstruction_error": (network.decode(code_TBH) - x_TBV).square().sum((1, 2)),
            "hoyer_sparsity": hoyer_sparsity(code_TBH).sum(-1),
            "nonzero_units": indicator(torch.gt, size_TBH, zero).sum((1, 2)),
            "active_units": active_TH.sum(-1),
        }
        if network.closed_jacobian:
            part["jacobian_norm"] = network.jacobian_norm(x_TBV, code_TBH).sum(-1)
        sums = {name: sums[name] + value if sums else value for name, value in part.items()}
    alongside = {"total": total_TH, "square": square_TH, "often": often_TH}
    sums = share.summed(sums | alongside)
    total_TH, square_TH, often_TH = (sums.pop(name) for name in alongside)
    measures = {name: value / samples for name, value in sums.items()}
    if not network.closed_jacobian:
        few_TBV = x_TNV[:, : min(JACOBIANS, max(1, JACOBIAN_ROWS // network.hidden))]
        norm_TB = network.jacobian_norm(few_TBV, network.encode(few_TBV))
        measures["jacobian_norm"] = norm_TB.mean(-1)
    lifetime_T = lifetime_sparsity(total_TH, square_TH, samples).nanmean(-1).nan_to_num(0.0)
    return measures | {
        "lifetime_sparsity": lifetime_T,
        "dead_units": indicator(torch.eq, often_TH, zero).sum(-1),
    }
