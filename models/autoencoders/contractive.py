"""Contractive autoencoder: a code that hardly moves when the input does."""

from __future__ import annotations

from ..contraction import Contraction
from ..hyperparameter import default, part
from ..registry import register
from .autoencoder import Autoencoder


@register(
    "contractive_autoencoder",
    equation="loss = mean ‖x̂ − x‖² + weight · mean ‖J_f(x)‖²_F",
    paper="Rifai, Vincent, Muller, Glorot & Bengio 2011, ICML",
)
class ContractiveAutoencoder(Autoencoder):
    """loss = mean ‖x̂ − x‖² + weight · mean_b Σ_j s'(a_bj)² ‖W_j‖², tied as in the paper.

    Tied weights keep the encoder from shrinking W while the decoder grows to undo it.
    """

    hidden = default(128)
    tied = default(True)
    contraction = part(Contraction, weight=1.0)
