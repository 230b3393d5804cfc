"""The Jacobian ∂code/∂input of any encoder, by automatic differentiation.

Networks of one layer have it in closed form (:mod:`.contraction`); this is for the deep ones.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .draws import Draws
from .trial_axis import indicator

Encoder = Callable[[Tensor], Tensor]


def jacobian(encode: Encoder, x_TBV: Tensor, trials: int) -> Tensor:
    """∂h_j/∂x_i at each sample, (T, B, H, V), one backward pass for each unit of the code.

    Args:
        encode: (T, B, V) → (T, B, H), every sample on its own.
        x_TBV: inputs (1 or T, B, V).
        trials: T.
    """
    with torch.enable_grad():
        seen_TBV = _leaf(x_TBV, trials)
        code_TBH = encode(seen_TBV)
        hidden = code_TBH.shape[-1]
        # Samples and trials do not touch each other, so one sum serves all of them.
        rows = [
            torch.autograd.grad(code_TBH[..., j].sum(), seen_TBV, retain_graph=j + 1 < hidden)[0]
            for j in range(hidden)
        ]
    return torch.stack(rows, dim=2)


def squared_jacobian_norm(
    encode: Encoder, x_TBV: Tensor, draws: Draws, purpose: str, probes: int
) -> Tensor:
    """An unbiased estimate of ‖J‖²_F at each sample, (T, B), from random directions of the code.

    ‖J‖²_F = tr JJᵀ = E ‖vᵀJ‖²  for random signs v ∈ {−1, 1}^H

    (Hutchinson 1989, Communications in Statistics 18:1059). The variance is that of Σ_{j≠k} v_j v_k
    (JJᵀ)_jk, divided by the number of probes: units whose gradients are orthogonal add none.

    Where gradients are on, it can be differentiated by the encoder's parameters (a second backward
    pass) and so be a contractive penalty of a deep encoder; x counts as a constant.

    Args:
        encode: (T, B, V) → (T, B, H), every sample on its own.
        x_TBV: inputs (1 or T, B, V).
        draws: one seed for each of T trials.
        purpose: names the draw of v.
        probes: how many directions are averaged; a backward pass for each.
    """
    penalty = torch.is_grad_enabled()
    with torch.enable_grad():
        seen_TBV = _leaf(x_TBV, len(draws.seeds))
        code_TBH = encode(seen_TBV)
        u = draws.uniform(purpose, probes, *code_TBH.shape[1:], rows=1)
        signs = 2 * indicator(torch.lt, u, u.new_tensor(0.5)) - 1
        squares = [
            torch.autograd.grad(
                (code_TBH * signs[:, probe]).sum(),
                seen_TBV,
                create_graph=penalty,
                retain_graph=penalty or probe + 1 < probes,
            )[0].square()
            for probe in range(probes)
        ]
    return torch.stack(squares).sum(-1).mean(0)


def singular_values(jacobian_TBHV: Tensor) -> Tensor:
    """How far the code moves along each principal direction of the input, (T, B, min(H, V)).

    The spectrum at a sample falls steeply where the code follows a manifold of few dimensions
    (Rifai et al. 2011, ICML); largest first.
    """
    found: Tensor = torch.linalg.svdvals(jacobian_TBHV)
    return found


def _leaf(x_TBV: Tensor, trials: int) -> Tensor:
    """The inputs for each trial apart, to be differentiated by."""
    return x_TBV.detach().expand(trials, -1, -1).clone().requires_grad_()
