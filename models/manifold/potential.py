"""The energy that a tied autoencoder descends.

F(x) = Σ_j S(a_j) − ½ ‖x − c‖²,  a = xW + b,  S' = s,  ∂F/∂x = s(a)Wᵀ + c − x = r(x) − x

(Kamyshanska & Memisevic 2013, ICML). After Gaussian denoising at level σ, F/σ² estimates log p up
to a constant. With a sigmoid, F is minus the free energy of a Gaussian RBM of variance 1 with the
same weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..autoencoders.autoencoder import Autoencoder
from ..errors import InputError

INTEGRALS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda a: a.square() / 2,
    "sigmoid": softplus,
    # log cosh a without overflow.
    "tanh": lambda a: a.abs() + softplus(-2 * a.abs()) - math.log(2),
    "relu": lambda a: a.relu().square() / 2,
}


def potential(network: Autoencoder, x_TBV: Tensor) -> Tensor:
    """F(x), (T, B): high where the field leads.

    Raises:
        InputError: the field of this network is not the slope of such an F.
    """
    where = f"{network.name}, potential"
    if type(network).encode is not Autoencoder.encode:
        raise InputError(where, "needs one hidden layer h = s(xW + b)")
    if not network.tied or network.output_activation != "identity":
        got = f"tied: {network.tied}, output_activation: {network.output_activation}"
        raise InputError(where, "needs tied weights and the identity as output activation", got)
    away_TBV = x_TBV - network.parameters["decoder_bias"][:, None]
    with torch.no_grad():
        drawn_TBH = INTEGRALS[network.activation](network.preactivation(x_TBV))
        return drawn_TBH.sum(-1) - away_TBV.square().sum(-1) / 2
