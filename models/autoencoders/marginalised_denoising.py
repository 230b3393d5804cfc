"""Marginalised denoising autoencoder: infinitely many corruptions at once, without drawing any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..corruption import DRAWN, Corruption
from ..draws import Draws
from ..errors import HyperparameterError
from ..hyperparameter import choice, default, part
from ..registry import register
from ..trial_axis import column
from .autoencoder import Autoencoder
from .linear import begin_linear, require_rank
from .reduced_rank import covariance, reduced_rank


@register(
    "marginalised_denoising_autoencoder",
    equation="loss = mean E‖r(x̃) − x‖² = mean ‖r(E x̃) − x‖² + Σ_i mean var(x̃_i) ‖∂r/∂x_i‖²",
    paper="Chen, Xu, Weinberger & Sha 2012, ICML; Chen, Weinberger, Sha & Bengio 2014, ICML",
)
class MarginalisedDenoisingAutoencoder(Autoencoder):
    """loss = E mean_b ‖r(x̃_b) − x_b‖² with r(x̃) = s(x̃W + b)W′ + c, the expectation over the noise.

    It is the squared error at the mean of x̃, plus what the variance of x̃ adds by way of J = ∂r/∂x:

    Σ_i mean_b var(x̃_bi) ‖J_bi‖² = Σ_jk (WᵀDW)_jk (W′W′ᵀ)_jk S_jk

    with D = diag(mean_b var(x̃_bi)) and S = mean_b s'(a_b) s'(a_b)ᵀ.

    *Exact* with the identity as activation (the default; S = 1), for every kind and level of noise.
    ``start: closed_form`` then begins at the minimum on the training data, solved by reduced-rank
    regression; with ``hidden`` as wide as the input that is the linear denoiser of 2012.

    *An expansion* with another activation: the second-order one of 2014 around the mean of x̃, which
    drops s''. It is good for weak noise and an estimate for strong. Unlike the paper's it keeps the
    terms between two hidden units, which the network would otherwise learn to hide its error in;
    where the variance of x̃ depends on x (not for gaussian noise), its mean over the batch is taken.
    """

    hidden = default(128)
    activation = default("identity")
    corruption = part(Corruption, kind="masking", level=0.25)
    start: str = choice(
        "random",
        ("random", "closed_form"),
        meaning="first weights; closed_form: the minimum of the expected squared error",
        reference="Chen, Xu, Weinberger & Sha 2012, section 3.1",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what the expectation over the noise is not known for."""
        super().check(values)
        if values["corruption.kind"] not in DRAWN:
            rule = f"must be one of {', '.join(DRAWN)}: noise to take the expectation over"
            got, remedy = values["corruption.kind"], "Or use denoising_autoencoder."
            raise HyperparameterError("corruption.kind", rule, got, remedy)
        for path, needed in [
            ("reconstruction", "squared_error"),
            ("output_activation", "identity"),
            ("corruption.emphasis", 0),
        ]:
            if values[path] != needed:
                rule = f"must be {needed} where the noise is marginalised"
                raise HyperparameterError(path, rule, values[path], "Or use denoising_autoencoder.")
        if values["start"] == "closed_form" and (
            values["activation"] != "identity" or values["tied"]
        ):
            got = f"activation: {values['activation']}, tied: {values['tied']}"
            raise HyperparameterError("start", "closed_form needs a linear, untied network", got)

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Nothing but rounding moves a network that starts at the minimum."""
        at_minimum = "it starts at the minimum, where its steps are those of rounding"
        return at_minimum if values["start"] != "random" else ""

    def meet(self, x_TNV: Tensor) -> None:
        """Start at the minimum of the expected error on the training data, where asked to."""
        super().meet(x_TNV)
        if self.start == "random":
            return
        mean_T1V, covariance_TVV = covariance(x_TNV)
        kept = column(self.corruption.kept.double(), covariance_TVV)
        seen_T1V, variance_T1V = self.corruption.moments(mean_T1V)
        scatter_TV = covariance_TVV.diagonal(dim1=1, dim2=2)
        noise_TV = variance_T1V[:, 0] + (kept * (1 - kept))[..., 0] * scatter_TV
        encoder_TVH, decoder_THV = reduced_rank(
            kept**2 * covariance_TVV + torch.diag_embed(noise_TV),
            kept * covariance_TVV,
            require_rank(self),
        )
        begin_linear(self, encoder_TVH, decoder_THV, seen_T1V, mean_T1V)

    def loss(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The penalised loss and the squared error per sample, (T,) each, both expected ones."""
        mean_TBV, variance_TBV = self.corruption.moments(x_TBV)
        code_TBH = self.encode(mean_TBV)
        error_T, _ = self.distance(self.output(code_TBH), x_TBV)
        error_T = error_T + self.spread(variance_TBV, code_TBH)
        return self.penalised(error_T, code_TBH), error_T

    def spread(self, variance_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """What the variance of x̃ adds to the squared error per sample, (T,)."""
        weight_TVH, decoder_THV = self.parameters["weight"], self.decoder_weight()
        variance_TV = self.share.mean(variance_TBV.mean(1))
        noisy_THH = (variance_TV[..., None] * weight_TVH).mT @ weight_TVH
        spread_THH = noisy_THH * (decoder_THV @ decoder_THV.mT)
        if self.activation != "identity":
            slope_TBH = self.slope(code_TBH)
            spread_THH = spread_THH * (slope_TBH.mT @ slope_TBH) / slope_TBH.shape[1]
        return spread_THH.sum((1, 2))
