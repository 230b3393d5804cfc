"""How far a reconstruction carries a noisy input, and how much of the noise it takes back.

L counts noise levels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ..draws import Draws
    from ..network import Network


@torch.no_grad()
def distance_travelled(network: Network, x_TBV: Tensor, level_L: Tensor, draws: Draws) -> Tensor:
    """Mean ‖r(x̃) − x̃‖ of x̃ = x + level · ε, ε ~ N(0, 1), at each noise level, (T, L).

    The field r(x) − x of a denoising or contractive autoencoder is small on the data and grows with
    the distance from them (Alain & Bengio 2014, JMLR 15:3743, section 3). The noise is the same for
    all levels and for trials of one seed.
    """
    noise_TBV = draws.normal("displacement", *x_TBV.shape[1:])
    distances = []
    for level in level_L:
        noisy_TBV = torch.addcmul(x_TBV, level, noise_TBV)
        distances.append((network.reconstruct(noisy_TBV) - noisy_TBV).norm(dim=-1).mean(-1))
    return torch.stack(distances, -1)


@torch.no_grad()
def noise_removed(network: Network, x_TBV: Tensor, level_L: Tensor, draws: Draws) -> Tensor:
    """1 − ‖r(x̃) − x‖²/‖x̃ − x‖², over all samples, at each noise level above 0, (T, L).

    1 where the clean input comes back, 0 where r leaves x̃ as far from x as it was, below 0 where it
    goes further away. For data N(0, λ) in each direction the best r gives the mean of
    σ²/(σ² + λ). The same noise as in :func:`distance_travelled`.
    """
    noise_TBV = draws.normal("displacement", *x_TBV.shape[1:])
    added_T = noise_TBV.square().sum((1, 2))
    shares = []
    for level in level_L:
        noisy_TBV = torch.addcmul(x_TBV, level, noise_TBV)
        left_T = (network.reconstruct(noisy_TBV) - x_TBV).square().sum((1, 2))
        shares.append(1 - left_T / (level.square() * added_T))
    return torch.stack(shares, -1)
