"""The reconstruction field r(x) − x, and whether it is the slope of anything.

After Gaussian denoising at level σ, (r(x) − x)/σ² estimates the score ∂ log p(x)/∂x (Alain & Bengio
2014, JMLR 15:3743, theorem 1), which is what ``Autoencoder.score`` gives. A score is a gradient, so
that its own derivative ∂r/∂x is symmetric; a network's need not be.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..jacobian import jacobian
from ..network import Network


@torch.no_grad()
def field(network: Network, x_TBV: Tensor) -> Tensor:
    """r(x) − x, (T, B, V): where a sample is carried, zero where it is reconstructed wholly."""
    return network.reconstruct(x_TBV) - x_TBV


def reconstruction_jacobian(network: Network, x_TBV: Tensor) -> Tensor:
    """∂r_i/∂x_j at each sample, (T, B, V, V), by a backward pass for each input."""
    return jacobian(network.reconstruct, x_TBV, network.trials)


def divergence(reconstruction_jacobian_TBVV: Tensor) -> Tensor:
    """Σ_i ∂(r_i − x_i)/∂x_i, (T, B): negative where the field draws its surroundings together.

    Of a score it is the Laplacian of log p, times σ².
    """
    width = reconstruction_jacobian_TBVV.shape[-1]
    return reconstruction_jacobian_TBVV.diagonal(dim1=-2, dim2=-1).sum(-1) - width


def curl(reconstruction_jacobian_TBVV: Tensor) -> Tensor:
    """‖(J − Jᵀ)/2‖_F / ‖J‖_F of J = ∂r/∂x, (T, B), from 0 to 1; 0 where J is 0.

    0 says that the field is the slope of a density, as it always is where the decoder is the
    encoder's transpose and the output is linear: then J = W diag(s') Wᵀ.
    """
    turning = (reconstruction_jacobian_TBVV - reconstruction_jacobian_TBVV.mT) / 2
    size_TB = reconstruction_jacobian_TBVV.norm(dim=(-2, -1))
    share_TB: Tensor = turning.norm(dim=(-2, -1)) / torch.where(size_TB > 0, size_TB, 1.0)
    return share_TB
