"""The Jacobian ∂code/∂input of any encoder, by automatic differentiation.

Networks of one layer have it in closed form (:mod:`.contraction`); this is for the deep ones.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def jacobian(encode: Callable[[Tensor], Tensor], x_TBV: Tensor, trials: int) -> Tensor:
    """∂h_j/∂x_i at each sample, (T, B, H, V), one backward pass for each unit of the code.

    Args:
        encode: (T, B, V) → (T, B, H), every sample on its own.
        x_TBV: inputs (1 or T, B, V).
        trials: T.
    """
    with torch.enable_grad():
        seen_TBV = x_TBV.detach().expand(trials, -1, -1).clone().requires_grad_()
        code_TBH = encode(seen_TBV)
        hidden = code_TBH.shape[-1]
        # Samples and trials do not touch each other, so one sum serves all of them.
        rows = [
            torch.autograd.grad(code_TBH[..., j].sum(), seen_TBV, retain_graph=j + 1 < hidden)[0]
            for j in range(hidden)
        ]
    return torch.stack(rows, dim=2)
