"""Linear autoencoder: what it finds is the subspace of the principal components."""

from __future__ import annotations

from ..hyperparameter import default
from ..registry import register
from .autoencoder import Autoencoder


@register(
    "linear_autoencoder",
    equation="h = xW + b,  x̂ = hW′ + c",
    paper="Baldi & Hornik 1989, Neural Networks 2:53",
)
class LinearAutoencoder(Autoencoder):
    """h = xW + b, x̂ = hW′ + c; every minimum of the squared error spans PCA's subspace.

    Not to be confused with PCA itself: the hidden units are a basis of the subspace, neither
    orthogonal nor ordered.
    """

    activation = default("identity")
    hidden = default(16)
