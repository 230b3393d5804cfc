"""The best linear map of a given rank, in closed form: reduced-rank regression.

min ‖X − X̃A‖²_F over rank(A) ≤ H  is  A = Q⁺P U Uᵀ,  Q = X̃ᵀX̃,  P = X̃ᵀX,

with U the H leading eigenvectors of PᵀQ⁺P (Izenman 1975, Journal of Multivariate Analysis 5:248).
With X̃ = X this is the projection on the principal components.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Samples taken at a time, so that a large set of samples needs no second copy.
ROWS = 1000


def reduced_rank(moment_TVV: Tensor, cross_TVV: Tensor, hidden: int) -> tuple[Tensor, Tensor]:
    """The two factors of the best map A = E D.

    Args:
        moment_TVV: Q, symmetric and positive semidefinite; directions in which it has nothing are
            left out.
        cross_TVV: P, (T, V inputs, V outputs).
        hidden: H, at most V.

    Returns:
        E (T, V, H), and D (T, H, V) with orthonormal rows, the most important first; of each row
        the largest entry is positive.
    """
    regression_TVV = _pseudo_inverse(moment_TVV) @ cross_TVV
    explained_TVV = cross_TVV.mT @ regression_TVV
    _, axes_TVV = torch.linalg.eigh((explained_TVV + explained_TVV.mT) / 2)
    axes_TVH = axes_TVV[..., -hidden:].flip(-1)
    largest_T1H = axes_TVH.abs().argmax(1, keepdim=True)
    axes_TVH = axes_TVH * axes_TVH.gather(1, largest_T1H).sign()
    return regression_TVV @ axes_TVH, axes_TVH.mT


def covariance(x_TNV: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (T, 1, V) and covariance (T, V, V) over samples, in double precision."""
    mean_T1V = x_TNV.mean(1, keepdim=True, dtype=torch.float64)
    total_TVV = mean_T1V.new_zeros(len(x_TNV), x_TNV.shape[2], x_TNV.shape[2])
    for x_TBV in torch.split(x_TNV, ROWS, dim=1):
        centred_TBV = x_TBV - mean_T1V
        total_TVV += centred_TBV.mT @ centred_TBV
    return mean_T1V, total_TVV / x_TNV.shape[1]


def _pseudo_inverse(moment_TVV: Tensor) -> Tensor:
    value_TV, vector_TVV = torch.linalg.eigh(moment_TVV)
    least_T1 = value_TV[:, -1:] * value_TV.shape[-1] * torch.finfo(value_TV.dtype).eps
    inverse_TV = torch.where(value_TV > least_T1, 1 / value_TV, 0.0)
    inverse_TVV: Tensor = (vector_TVV * inverse_TV[:, None]) @ vector_TVV.mT
    return inverse_TVV
