"""In how many directions a code moves: the singular spectrum of its Jacobian at the data.

S counts singular values, min(H, V), largest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ..network import Network

# Entries of a Jacobian held at a time.
ENTRIES = 2**24


@torch.no_grad()
def spectrum(network: Network, x_TBV: Tensor) -> Tensor:
    """The singular values of ∂code/∂input at each sample, (T, B, S).

    They come from the eigenvalues of JJᵀ (or of JᵀJ, where that is smaller), several times faster
    than from J; those below √ε of the largest are not told from 0. A spectrum that falls steeply
    says that the code follows a manifold of few dimensions (Rifai et al. 2011, ICML).
    """
    entries = network.trials * network.hidden * network.visible
    parts = []
    for few_TBV in torch.split(x_TBV, max(1, ENTRIES // entries), dim=1):
        jacobian_TBHV = network.jacobian(few_TBV)
        if network.hidden > network.visible:
            jacobian_TBHV = jacobian_TBHV.mT
        squares_TBS = torch.linalg.eigvalsh(jacobian_TBHV @ jacobian_TBHV.mT)
        parts.append(squares_TBS.flip(-1).clamp(min=0).sqrt())
    return torch.cat(parts, 1)


def effective_rank(spectrum_TBS: Tensor) -> Tensor:
    """exp of the entropy of σ/Σσ, (T, B), from 1 to S (Roy & Vetterli 2007, EUSIPCO).

    Of S equal singular values it is S, of a single one it is 1; 0 where all are 0.
    """
    total_TB1 = spectrum_TBS.sum(-1, keepdim=True)
    share_TBS = spectrum_TBS / torch.where(total_TB1 > 0, total_TB1, 1.0)
    entropy_TB = -torch.special.xlogy(share_TBS, share_TBS).sum(-1)
    return torch.where(total_TB1[..., 0] > 0, entropy_TB.exp(), 0.0)


def participation_ratio(spectrum_TBS: Tensor) -> Tensor:
    """(Σσ²)²/Σσ⁴, (T, B), from 1 to S: directions that share the squared length of the Jacobian.

    Weak directions count less than in :func:`effective_rank`; 0 where all are 0.
    """
    square_TBS = spectrum_TBS.square()
    fourth_TB = square_TBS.square().sum(-1)
    return square_TBS.sum(-1).square() / torch.where(fourth_TB > 0, fourth_TB, 1.0)
