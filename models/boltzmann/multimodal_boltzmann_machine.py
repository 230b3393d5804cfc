"""Multimodal deep Boltzmann machine: two pathways of their own that meet in one layer."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import InputError
from ..hyperparameter import choice, default, structural, widths
from ..registry import register
from .block_gibbs import means, sweeps
from .layered import Layer, Layers, Link
from .layered_machine import LayeredMachine
from .units import Bernoulli, Gaussian, Units

MODALITIES = ("first", "second")
_UNITS: dict[str, Units] = {"bernoulli": Bernoulli(), "gaussian": Gaussian()}


@register(
    "multimodal_boltzmann_machine",
    equation="E = Σ_m E_m(v_m, h_m) − Σ_m h_mᵀU_m h − cᵀh,  p(h | h_1, h_2) = "
    "σ(c + h_1U_1 + h_2U_2)",
    paper="Srivastava & Salakhutdinov 2012, NIPS 25; 2014, JMLR 15:2949",
)
class MultimodalBoltzmannMachine(LayeredMachine):
    """E(v, h) = −Σ_m [v_mᵀW_m h_m + h_mᵀU_m h] − Σ bᵀs: one code h for both modalities m.

    A row of the input is both modalities side by side. Each has hidden layers of its own, as wide
    as ``layers`` says, and the topmost layer sees the last of both. Real inputs, such as image
    features, are Gaussian units of variance 1 in ``first_units``: standardise them.

    :meth:`complete` draws a missing modality from the one that is known.
    """

    hidden = default(64)
    layers: tuple[int, ...] = widths(
        (64,), meaning="sizes of each pathway's own layers, the lowest first", unit="hidden units"
    )
    first_visible: int = structural(
        0, low=0, high=65536, meaning="inputs of the first modality; the rest is the second",
        unit="inputs; 0 for half of them",
    )  # fmt: skip
    first_units: str = choice(
        "bernoulli", tuple(_UNITS), meaning="kind of visible units of the first modality",
        reference="Srivastava & Salakhutdinov 2014, section 4 (gaussian, for image features)",
    )  # fmt: skip

    def shape(self) -> Layers:
        """Two pathways of equal depth, and the layer where they meet.

        Raises:
            InputError: the input is too narrow for two modalities.
        """
        first = self.first_visible or self.visible // 2
        if not 0 < first < self.visible:
            rule = f"needs inputs for two modalities, {max(first, 1)} of them for the first"
            raise InputError(self.name, rule, f"{self.visible} feature(s)")
        code = len(self.layers) + 1
        layers = [
            Layer(first, 0, "first.visible_bias", _UNITS[self.first_units]),
            Layer(self.visible - first, 0, "second.visible_bias"),
        ]
        for depth, width in enumerate(self.layers, 1):
            layers += [Layer(width, depth, f"{m}.{depth}.hidden_bias") for m in MODALITIES]
        layers.append(Layer(self.hidden, code, f"{code}.hidden_bias"))
        top = len(layers) - 1
        links = [
            Link(
                lower,
                min(lower + 2, top),
                f"{MODALITIES[lower % 2]}.{layers[lower].depth + 1}.weight",
            )
            for lower in range(top)
        ]
        return Layers(tuple(layers), tuple(links))

    @torch.no_grad()
    def complete(
        self, x_TBV: Tensor, known: str, steps: int = 100, draws: Draws | None = None
    ) -> Tensor:
        """The samples with one modality as given and the other's E[v | h], (T, B, V).

        h is drawn by Gibbs sampling of all that is not known (Srivastava & Salakhutdinov 2014,
        section 3.3); inputs between 0 and 1 are taken as probabilities.

        Args:
            x_TBV: inputs (1 or T, B, V); what stands in the other modality's place is not read.
            known: "first" or "second".
            steps: full Gibbs steps (at least 1).
            draws: the randomness; left out, that of the trials' seeds.

        Raises:
            InputError: another word.
        """
        if known not in MODALITIES:
            raise InputError("complete", f"knows {' or '.join(MODALITIES)}", known)
        held = MODALITIES.index(known)
        given, missing = self.clamp(x_TBV)[held], 1 - held
        draws = self.draws() if draws is None else draws
        structure, batch = self.structure, x_TBV.shape[1]
        start = self.independent(batch, draws, "complete/start") | {
            held: given.expand(self.trials, -1, -1)
        }
        odd, _ = sweeps(structure, self.parameters, start, steps, draws, "complete", {held})
        found = {held: start[held]} | means(structure, self.parameters, odd, [missing])
        return torch.cat([found[0], found[1]], -1)
