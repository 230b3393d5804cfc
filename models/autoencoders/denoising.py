"""Denoising autoencoder: the clean input from a corrupted one."""

from __future__ import annotations

from ..corruption import Corruption
from ..hyperparameter import default, part
from ..registry import register
from .autoencoder import Autoencoder


@register(
    "denoising_autoencoder",
    equation="loss = mean ‖o(s(x̃W + b)W′ + c) − x‖²,  x̃ ~ corruption(x)",
    paper="Vincent, Larochelle, Lajoie, Bengio & Manzagol 2010, JMLR 11:3371",
)
class DenoisingAutoencoder(Autoencoder):
    """loss = mean ‖r(x̃) − x‖² with x̃ ~ corruption(x), fresh in every step.

    Codes, reconstructions and measures are those of the clean input.
    """

    hidden = default(128)
    corruption = part(Corruption, kind="masking", level=0.25)
