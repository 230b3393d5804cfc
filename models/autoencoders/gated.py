"""Gated autoencoder: whether a unit speaks and how loudly are two questions.

An l1 penalty answers the first and, alone, spoils the second: it shrinks what is said.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from ..corruption import Counting
from ..draws import Draws
from ..hyperparameter import choice, part
from ..registry import register
from ..sparsity import Sparsity
from ..trial_axis import affine
from .dictionary import DictionaryAutoencoder


@register(
    "gated_autoencoder",
    equation="h = [g > 0] ⊙ relu(e^r ⊙ (x − c)W + m),  g = (x − c)W + b",
    paper="Rajamanoharan, Conmy, Smith et al. 2024, arXiv 2404.16014",
)
class GatedAutoencoder(DictionaryAutoencoder):
    """h = [g > 0] ⊙ relu(e^r ⊙ (x − c)W + m),  g = (x − c)W + b (section 3 of the paper).

    loss = mean ‖x̂(h) − x‖² + weight · mean ‖relu(g)‖₁ + mean ‖x̂_frozen(relu(g)) − x‖²

    The gate is penalised, and learns to find the right units from the last term, in
    which the decoder is a constant; the magnitudes are not penalised, and so not shrunk. Both share
    W, up to a factor e^r for each unit: ``hidden_bias`` is b, ``magnitude_bias`` m, and
    ``log_magnitude`` r.
    """

    surrogates: ClassVar[frozenset[str]] = frozenset({"decoder_weight", "decoder_bias"})

    activation: str = choice("relu", ("relu",), meaning="activation of gate and magnitude")
    sparsity: Sparsity = part(Sparsity, kind="l1", weight=0.4)

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """As in the whole family; gate and magnitude begin as one."""
        parameters = super().initialise(draws)
        zeros = torch.zeros_like(parameters["hidden_bias"])
        return parameters | {"log_magnitude": zeros, "magnitude_bias": zeros.clone()}

    def selected(self, candidate_TBH: Tensor) -> Tensor:
        """The magnitudes where the gate is open, the others 0, (T, B, H)."""
        parameters = self.parameters
        input_TBH = candidate_TBH - parameters["hidden_bias"][:, None]
        magnitude_TBH = torch.addcmul(
            parameters["magnitude_bias"][:, None],
            parameters["log_magnitude"].exp()[:, None],
            input_TBH,
        )
        return torch.where(candidate_TBH > 0, magnitude_TBH, 0.0).relu()

    def fitted(
        self,
        candidate_TBH: Tensor,
        code_TBH: Tensor,
        x_TBV: Tensor,
        counting_TBV: Counting | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """With the distance at which the gate alone would reconstruct."""
        loss_T, error_T, output_TBV = super().fitted(candidate_TBH, code_TBH, x_TBV, counting_TBV)
        frozen_TBV = affine(
            candidate_TBH, self.decoder_weight().detach(), self.parameters["decoder_bias"].detach()
        )
        gate_T, _ = self.distance(frozen_TBV, x_TBV, counting_TBV)
        return loss_T + gate_T, error_T, output_TBV

    def sparseness(self, candidate_TBH: Tensor, code_TBH: Tensor) -> Tensor:
        """The weighted sparsity penalty on the gate, (T,)."""
        return self.sparsity(candidate_TBH, self.activation)

    def slope(self, code_TBH: Tensor) -> Tensor:
        """e^r where a unit speaks and 0 where it is silent, (T, B, H)."""
        return super().slope(code_TBH) * self.parameters["log_magnitude"].exp()[:, None]
