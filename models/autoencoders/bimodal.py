"""Bimodal autoencoder: one code for two kinds of input that describe the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import HyperparameterError, InputError
from ..hyperparameter import default, number, structural, widths
from ..registry import register
from ..standardising import Standard, standard, unknown
from ..trial_axis import column, indicator
from .autoencoder import Autoencoder
from .deep import Deep
from .deep_autoencoder import DeepAutoencoder

MODALITIES = ("first", "second")


@register(
    "bimodal_autoencoder",
    equation="h = f(f₁(x₁), f₂(x₂)),  (y₁, y₂) = g(h),  x̂₁ = g₁(y₁),  x̂₂ = g₂(y₂)",
    paper="Ngiam, Khosla, Kim, Nam, Lee & Ng 2011, ICML",
)
class BimodalAutoencoder(Deep):
    """h = f(f₁(x₁), f₂(x₂)): two pathways that meet in one code, and part again.

    A row of the input is both modalities side by side. In training a share ``missing`` of the
    samples, others in every step, lacks one modality (its inputs are 0) and must be reconstructed
    whole all the same, so that either modality alone gives the code, and completes the other
    (section 3.3 of the paper, where the share is two thirds).

    Where ``standardised``, the pathways read (x − μ)/σ with the training samples' mean and standard
    deviation of each input (0 where it never varies), and an input that is missing is μ; what is
    reconstructed is x all the same. So images that are mostly white and tags that are mostly 0 are
    learned as fast as centred data, and outputs may still be probabilities.
    """

    hidden = default(32)
    layer_activation = default("tanh")
    activation = default("identity")
    first_visible: int = structural(
        0, low=0, high=65536, meaning="inputs of the first modality; the rest is the second",
        unit="inputs; 0 for half of them",
    )  # fmt: skip
    layers: tuple[int, ...] = widths(
        (64,), meaning="sizes of each pathway's own layers, the lowest first", unit="hidden units"
    )
    missing: Tensor = number(
        2 / 3, low=0.0, high=1.0, meaning="samples that lack a modality in training",
        unit="share; half of them lack the first, half the second",
        reference="Ngiam et al. 2011, section 3.3",
    )  # fmt: skip
    standardised: bool = structural(
        False, meaning="whether the pathways read inputs at mean 0 and variance 1",
        reference="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, section 4.3",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse pathways without a layer."""
        super().check(values)
        if not values["layers"]:
            raise HyperparameterError("layers", "must name at least one layer", [])

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Glorot's uniform range times the activation's gain in every layer; biases at 0.

        Raises:
            InputError: the input is too narrow for two modalities.
        """
        first = self.first_visible or self.visible // 2
        self.sizes = [first, self.visible - first]
        if min(self.sizes) < 1:
            rule = f"needs inputs for two modalities, {max(first, 1)} of them for the first"
            raise InputError(self.name, rule, f"{self.visible} feature(s)")
        *layers, top = self.layers
        between = self.layer_activation
        paths = [
            self.part(
                DeepAutoencoder,
                size,
                layers=layers,
                hidden=top,
                layer_activation=between,
                activation=between,
                output_activation=self.output_activation,
            )
            for size in self.sizes
        ]
        fused = self.part(
            Autoencoder,
            2 * top,
            hidden=self.hidden,
            activation=self.activation,
            output_activation=between,
        )
        self.below = (*paths, fused)
        parameters = super().initialise(draws)
        if self.standardised:
            like = next(iter(parameters.values()))
            self._keep(unknown(self.trials, self.visible, like))
        return parameters

    def meet(self, x_TNV: Tensor) -> None:
        """Take the mean and the deviation of each input, where they are asked for."""
        super().meet(x_TNV)
        if self.standardised:
            self._keep(standard(x_TNV, self.trials))

    def prefixes(self) -> tuple[str, ...]:
        """The two pathways, and the layer where they meet."""
        return (*MODALITIES, "fused")

    def inner(self) -> tuple[str, ...]:
        """Only the layer where they meet stands upon others."""
        return ("fused",)

    def shown(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """The samples, some of which lack a modality, (1 or T, B, V)."""
        u_TB = draws.uniform("missing", x_TBV.shape[1])
        half = column(self._missing / 2, u_TB)
        shares = (indicator(torch.ge, u_TB, half), indicator(torch.lt, u_TB, 1 - half))
        if not self.standardised:
            sides = zip(torch.split(x_TBV, self.sizes, -1), shares, strict=True)
            return torch.cat([side * share[..., None] for side, share in sides], -1)
        widths = zip(shares, self.sizes, strict=True)
        kept = torch.cat([share[..., None].expand(-1, -1, width) for share, width in widths], -1)
        return torch.lerp(self._standard().mean_TV[:, None], x_TBV, kept)

    def encode(self, x_TBV: Tensor) -> Tensor:
        """h = f(f₁(x₁), f₂(x₂)), (T, B, H)."""
        first, second, fused = self.parts()
        if self.standardised:
            x_TBV = self._standard().applied(x_TBV)
        x1, x2 = torch.split(x_TBV, self.sizes, -1)
        return fused.encode(torch.cat([first.encode(x1), second.encode(x2)], -1))

    def output(self, code_TBH: Tensor) -> Tensor:
        """Both modalities before the output activation, (T, B, V)."""
        first, second, fused = self.parts()
        y1, y2 = fused.decode(code_TBH).chunk(2, -1)
        return torch.cat([first.output(y1), second.output(y2)], -1)

    def complete(self, x_TBV: Tensor, known: str) -> Tensor:
        """The samples with one modality as given and the other reconstructed from it, (T, B, V).

        Args:
            x_TBV: inputs (1 or T, B, V); what stands in the other modality's place is not read.
            known: "first" or "second".

        Raises:
            InputError: another word.
        """
        if known not in MODALITIES:
            raise InputError("complete", f"knows {' or '.join(MODALITIES)}", known)
        given = torch.zeros(self.visible, dtype=torch.bool, device=x_TBV.device)
        torch.split(given, self.sizes)[MODALITIES.index(known)].fill_(True)
        lacking = self._standard().mean_TV[:, None] if self.standardised else x_TBV.new_zeros(())
        return torch.where(given, x_TBV, self.reconstruct(torch.where(given, x_TBV, lacking)))

    def bind(self, trials: Sequence[Mapping[str, Any]]) -> None:
        """Replace the declarations by the values of these trials."""
        super().bind(trials)
        common = len(set(self.missing.tolist())) == 1
        # One number for all trials leaves an input that they share shared.
        self._missing = self.missing[:1] if common else self.missing

    def _standard(self) -> Standard:
        return Standard(self.state["mean"], self.state["deviation"])

    def _keep(self, found: Standard) -> None:
        self.state["mean"], self.state["deviation"] = found
