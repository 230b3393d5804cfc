"""What is reported of a network on a set of samples; every measure is (T,), one number per trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .contraction import jacobian_norm

if TYPE_CHECKING:
    from .network import Network

# A unit counts as active on a sample when its activation is further than this from 0.
ACTIVE = 0.1


@torch.no_grad()
def measure(network: Network, x_TNV: Tensor) -> dict[str, Tensor]:
    """The measures of clean inputs (1 or T, N, V).

    reconstruction_error   squared error per sample, summed over inputs, mean over samples
    hoyer_sparsity         0 (all units equal) to 1 (one unit speaks), mean over samples (Hoyer 2004)
    active_units           units with |h| > 0.1, mean over samples
    dead_units             units that are active on no sample at all
    jacobian_norm          mean ‖∂code/∂input‖_F
    """
    code_TNH = network.encode(x_TNV)
    error = (network.decode(code_TNH) - x_TNV).square().sum(-1).mean(-1)
    active = code_TNH.abs() > ACTIVE
    return {
        "reconstruction_error": error,
        "hoyer_sparsity": hoyer_sparsity(code_TNH),
        "active_units": active.sum(-1).to(code_TNH.dtype).mean(-1),
        "dead_units": (~active.any(1)).sum(-1).to(code_TNH.dtype),
        "jacobian_norm": jacobian_norm(network.parameters["weight"], network.slope(code_TNH)),
    }


def hoyer_sparsity(code_TNH: Tensor) -> Tensor:
    """(√H − ‖h‖₁/‖h‖₂)/(√H − 1), mean over samples, (T,) (Hoyer 2004, JMLR 5:1457, section 3).

    A code of one unit has sparsity 0, and so has a code that is zero throughout.
    """
    hidden = code_TNH.shape[-1]
    if hidden == 1:
        return torch.zeros(code_TNH.shape[0], dtype=code_TNH.dtype, device=code_TNH.device)
    root = hidden**0.5
    length = code_TNH.norm(dim=-1)
    ratio = torch.where(length > 0, code_TNH.abs().sum(-1) / length, root)
    return ((root - ratio) / (root - 1)).mean(-1)
