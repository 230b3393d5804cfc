"""Multimodal deep Boltzmann machine: two pathways of their own that meet in one layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import HyperparameterError, InputError
from ..hyperparameter import choice, default, structural, widths
from ..registry import register
from ..standardising import Standard, standard, unknown
from .block_gibbs import means, sweeps
from .layered import Layer, Layers, Link, States
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
    features, are Gaussian units of variance 1 in ``first_units``: with ``standardised``, those are
    (x − μ)/σ by the training samples, and whatever comes out is x again.

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

    standardised: bool = structural(
        False, meaning="whether gaussian units are inputs at mean 0 and variance 1",
        reference="Srivastava & Salakhutdinov 2014, section 4",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse binary units for inputs that are no probabilities any more."""
        super().check(values)
        if values["standardised"] and values["first_units"] != "gaussian":
            raise HyperparameterError(
                "standardised", "needs real units for the first modality",
                f"first_units: {values['first_units']}", "Write `first_units: gaussian`.",
            )  # fmt: skip

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Random weights; biases at 0."""
        parameters = super().initialise(draws)
        if self.standardised:
            like = next(iter(parameters.values()))
            self._keep(unknown(self.trials, self.structure[0].width, like))
        return parameters

    def meet(self, x_TNV: Tensor) -> None:
        """Take the first modality's means and deviations, where they are asked for, and begin."""
        if self.standardised and x_TNV.shape[-1] == self.visible:
            first = x_TNV[..., : self.structure[0].width]
            self._keep(standard(first, self.trials))
        super().meet(x_TNV)

    def clamp(self, x_TBV: Tensor) -> dict[int, Tensor]:
        """An input (1 or T, B, V) as the states of the layers that see it."""
        states = super().clamp(x_TBV)
        if self.standardised:
            states[0] = self._standard().applied(states[0])
        return states

    def descend(self, above: States, depth: int) -> Tensor:
        """Means of the input from those of one depth, (T, B, V); missing input is doubled."""
        return self._undone(super().descend(above, depth))

    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """E[v | h] after that many sweeps (at least 1), (T, count, V)."""
        return self._undone(super().sample(count, steps, draws))

    def variational_free_energy(self, v_TBV: Tensor) -> Tensor:
        """⟨E⟩ − H under the mean-field posterior, (T, B), in nats: at least −log Σ_h exp(−E).

        Of standardised units Σ log σ is added, so that densities are those of the input.
        """
        energy = super().variational_free_energy(v_TBV)
        return energy + self._standard().volume()[:, None] if self.standardised else energy

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
        """The samples with one modality as given, the other as it is expected from it, (T, B, V).

        The expectation is the mean of E[v | h] over the second half of a Gibbs chain of all that is
        not known (Srivastava & Salakhutdinov 2014, section 3.3): a single h tells of one thing that
        may be there, the chain of how likely each is. Inputs between 0 and 1 are taken as
        probabilities.

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
        averaged = steps // 2
        parameters, before = self.parameters, steps - averaged
        odd, even = sweeps(structure, parameters, start, before, draws, "complete", {held})
        expected = means(structure, parameters, odd, [missing])[missing]
        for step in range(averaged):
            odd, even = sweeps(structure, parameters, even, 1, draws, f"complete/{step}", {held})
            expected = expected + means(structure, parameters, odd, [missing])[missing]
        found = {held: start[held], missing: expected / (averaged + 1)}
        completed = self._undone(torch.cat([found[0], found[1]], -1))
        given_V = torch.arange(self.visible, device=x_TBV.device) < structure[0].width
        # What was given comes back as it was, without rounding.
        return torch.where(given_V == (held == 0), x_TBV, completed)

    def _undone(self, v_TBV: Tensor) -> Tensor:
        """States of the visible layers, side by side, as the input that they stand for."""
        if not self.standardised:
            return v_TBV
        width = self.structure[0].width
        return torch.cat([self._standard().undone(v_TBV[..., :width]), v_TBV[..., width:]], -1)

    def _standard(self) -> Standard:
        return Standard(self.state["mean"], self.state["deviation"])

    def _keep(self, found: Standard) -> None:
        self.state["mean"], self.state["deviation"] = found
