"""Sparse autoencoder: a code in which few units speak at a time."""

from __future__ import annotations

from ..hyperparameter import default, part
from ..registry import register
from ..sparsity import Sparsity
from .autoencoder import Autoencoder


@register(
    "sparse_autoencoder",
    equation="loss = mean ‖x̂ − x‖² + weight · Σ_j KL(target ‖ mean h_j)",
    paper="Lee, Ekanadham & Ng 2008, NIPS 20; Ng 2011, CS294A lecture notes",
)
class SparseAutoencoder(Autoencoder):
    """loss = mean ‖x̂ − x‖² + weight · Σ_j KL(target ‖ ρ_j), ρ_j the batch mean of unit j.

    With ``kind: l1`` the penalty is weight · mean Σ_j |h_j| instead: minus the log of a Laplace
    prior p(h) = Π_j ½λ e^{−λ|h_j|}, up to a constant and a scale (:mod:`..sparsity`). A small code
    with a large decoder evades it, unless the decoder is ``tied`` or held by ``weight_decay``;
    ``dictionary_autoencoder`` has elements of norm 1.
    """

    hidden = default(128)
    sparsity = part(Sparsity, kind="kl", weight=0.3)
