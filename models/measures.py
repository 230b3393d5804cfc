"""What is reported of a network on a set of samples; every measure is (T,), a number per trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from .network import Network

# A unit counts as active on a sample when its activation is further than this from 0.
ACTIVE = 0.1
# Samples measured at a time, so that a large set of samples fits any memory.
ROWS = 1000
# Samples at which a Jacobian is measured that takes a backward pass for each unit of the code.
JACOBIANS = 64


@torch.no_grad()
def measure(network: Network, x_TNV: Tensor) -> dict[str, Tensor]:
    """The measures of clean inputs (1 or T, N, V).

    reconstruction_error   squared error per sample, summed over inputs, mean over samples
    hoyer_sparsity         from 0 (all units equal) to 1 (one unit speaks), mean over samples
    active_units           units with |h| > 0.1, mean over samples
    dead_units             units that are active on no sample at all
    jacobian_norm          mean ‖∂code/∂input‖_F (over the first 64 samples where it takes a
                           backward pass for each unit of the code)
    """
    sums: dict[str, Tensor] = {}
    ever_TH = torch.zeros(network.trials, network.hidden, dtype=torch.bool, device=x_TNV.device)
    for x_TBV in torch.split(x_TNV, ROWS, dim=1):
        code_TBH = network.encode(x_TBV)
        active_TBH = code_TBH.abs() > ACTIVE
        ever_TH |= active_TBH.any(1)
        part = {
            "reconstruction_error": (network.decode(code_TBH) - x_TBV).square().sum((1, 2)),
            "hoyer_sparsity": hoyer_sparsity(code_TBH).sum(-1),
            "active_units": active_TBH.sum((1, 2)).to(code_TBH.dtype),
        }
        if network.closed_jacobian:
            part["jacobian_norm"] = network.jacobian_norm(x_TBV, code_TBH).sum(-1)
        sums = {name: sums[name] + value if sums else value for name, value in part.items()}
    measures = {name: value / x_TNV.shape[1] for name, value in sums.items()}
    if not network.closed_jacobian:
        few_TBV = x_TNV[:, :JACOBIANS]
        norm_TB = network.jacobian_norm(few_TBV, network.encode(few_TBV))
        measures["jacobian_norm"] = norm_TB.mean(-1)
    return measures | {"dead_units": (~ever_TH).sum(-1).to(x_TNV.dtype)}


def hoyer_sparsity(code_TBH: Tensor) -> Tensor:
    """(√H − ‖h‖₁/‖h‖₂)/(√H − 1) of each sample, (T, B) (Hoyer 2004, JMLR 5:1457, section 3).

    A code of one unit has sparsity 0, and so has a code that is zero throughout.
    """
    hidden = code_TBH.shape[-1]
    if hidden == 1:
        return torch.zeros_like(code_TBH[..., 0])
    root = hidden**0.5
    length = code_TBH.norm(dim=-1)
    ratio = torch.where(length > 0, code_TBH.abs().sum(-1) / length, root)
    sparsity: Tensor = (root - ratio) / (root - 1)
    return sparsity
