"""In how many directions a code moves: the singular spectrum of its Jacobian at the data.

S counts singular values, min(H, V), largest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ..network import Network

# torch's stubs leave it out.
LinAlgError: type[RuntimeError] = torch.linalg.LinAlgError  # type: ignore[attr-defined]

# Entries of a Jacobian held at a time.
ENTRIES = 2**24


@torch.no_grad()
def spectrum(network: Network, x_TBV: Tensor) -> Tensor:
    """The singular values of ∂code/∂input at each sample, (T, B, S).

    They come from the eigenvalues of JJᵀ (or of JᵀJ, where that is smaller), several times faster
    than from J; those below √ε of the largest are not told from 0. A spectrum that falls steeply
    says that the code follows a manifold of few dimensions (Rifai et al. 2011, ICML). NaN where
    the Jacobian is not finite.
    """
    entries = network.trials * network.hidden * network.visible
    parts = []
    for few_TBV in torch.split(x_TBV, max(1, ENTRIES // entries), dim=1):
        jacobian_TBHV = network.jacobian(few_TBV)
        if network.hidden > network.visible:
            jacobian_TBHV = jacobian_TBHV.mT
        # Squared, the entries may leave the range of numbers; powers of two round nothing.
        largest_TB11 = jacobian_TBHV.abs().amax((-2, -1), keepdim=True)
        finite_TB11 = largest_TB11.isfinite()
        power_TB11 = torch.frexp(largest_TB11)[1].clamp(-100, 100)
        jacobian_TBHV = torch.ldexp(torch.where(finite_TB11, jacobian_TBHV, 0.0), -power_TB11)
        squares_TBS = _eigenvalues(jacobian_TBHV @ jacobian_TBHV.mT)
        values_TBS = squares_TBS.flip(-1).clamp(min=0).sqrt()
        values_TBS = torch.ldexp(values_TBS, power_TB11[..., 0])
        parts.append(torch.where(finite_TB11[..., 0], values_TBS, torch.nan))
    return torch.cat(parts, 1)


def _eigenvalues(product_TBSS: Tensor) -> Tensor:
    """Of finite symmetric matrices (T, B, S), ascending.

    LAPACK gives a whole batch up for one matrix that is graded from 1 down to the smallest numbers,
    as saturated units make it: one such trial would end the measures of all its siblings.
    """
    try:
        found: Tensor = torch.linalg.eigvalsh(product_TBSS)
        return found
    except LinAlgError:
        each = [_of_one(product_SS) for product_SS in product_TBSS.flatten(0, 1)]
        return torch.stack(each).reshape(product_TBSS.shape[:-1])


def _of_one(product_SS: Tensor) -> Tensor:
    """As it is, else in double precision; NaN where that fails too."""
    for dtype in (product_SS.dtype, torch.float64):
        try:
            found: Tensor = torch.linalg.eigvalsh(product_SS.to(dtype))
            return found.to(product_SS.dtype)
        except LinAlgError:
            continue
    return torch.full_like(product_SS[0], torch.nan)


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
