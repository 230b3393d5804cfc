"""Walking back from noise: the Markov chain of a denoising autoencoder.

x̃ ~ corruption(x),  x ~ P(x | x̃),  and again

If P(x | x̃) is the true distribution of clean inputs given corrupted ones, the chain's stationary
distribution is that of the data (Bengio, Yao, Alain & Vincent 2013, NIPS, theorem 1). The network
knows the mean of P: probabilities of independent binary inputs where it was trained by
cross-entropy, else the mean of a Gaussian, whose covariance is that of the errors that training has
left. Of Gaussian data under Gaussian noise this P is the true one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..autoencoders.autoencoder import Autoencoder
from ..boltzmann.gibbs import sampled
from ..draws import Draws
from ..errors import InputError
from ..trial_axis import product

# Samples corrupted and reconstructed at a time.
ROWS = 1000


@dataclass(frozen=True)
class WalkBack:
    """A transition: corrupt, reconstruct, sample.

    Args:
        network: trained with the corruption that it walks back from.
        root_TVV: LLᵀ is the covariance of inputs given a corrupted sample, L lower triangular;
            None where inputs are binary.

    Raises:
        InputError: a trial without corruption, whose chain would stand still.
    """

    network: Autoencoder
    root_TVV: Tensor | None

    def __post_init__(self) -> None:
        if (level := self.network.corruption.level.min().item()) <= 0:
            rule = "needs noise to walk back from, so that corruption.level must be above 0"
            raise InputError(f"{self.network.name}, walk back", rule, level)

    def __call__(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """The next states (T, B, V)."""
        mean_TBV = self.network.reconstruct(self.network.corruption(x_TBV, draws))
        if self.root_TVV is None:
            return sampled(mean_TBV, draws, "walk_back")
        noise_TBV = draws.normal("walk_back", *mean_TBV.shape[1:])
        return mean_TBV + product(noise_TBV, self.root_TVV.mT)


def walk_back(network: Autoencoder, train_TNV: Tensor, draws: Draws) -> WalkBack:
    """The transition of a network, with the covariance that it leaves on its training data.

    Args:
        network: after training.
        train_TNV: clean inputs (1 or T, N, V).
        draws: of the corruption under which the covariance is measured.
    """
    if network.reconstruction == "cross_entropy":
        return WalkBack(network, None)
    covariance_TVV = remaining_covariance(network, train_TNV, draws)
    # Inputs that never change leave no error, and the covariance no factor without this.
    mean_T1 = covariance_TVV.diagonal(dim1=1, dim2=2).mean(-1, keepdim=True)
    covariance_TVV.diagonal(dim1=1, dim2=2).add_(1e-5 * mean_T1)
    return WalkBack(network, torch.linalg.cholesky(covariance_TVV))


@torch.no_grad()
def remaining_covariance(network: Autoencoder, x_TNV: Tensor, draws: Draws) -> Tensor:
    """Mean (r(x̃) − x)(r(x̃) − x)ᵀ over corrupted samples, (T, V, V)."""
    total_TVV = x_TNV.new_zeros(())
    for number, x_TBV in enumerate(torch.split(x_TNV, ROWS, dim=1)):
        seen_TBV = network.corruption(x_TBV, draws.within(f"remaining_covariance/{number}"))
        error_TBV = network.reconstruct(seen_TBV) - x_TBV
        total_TVV = total_TVV + error_TBV.mT @ error_TBV
    return total_TVV / x_TNV.shape[1]
