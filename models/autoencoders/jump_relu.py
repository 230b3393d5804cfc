"""JumpReLU autoencoder: a unit speaks in full once it is past a threshold of its own."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from ..draws import Draws
from ..hyperparameter import choice, number, part
from ..registry import register
from ..sparsity import Sparsity
from ..trial_axis import column
from .dictionary import DictionaryAutoencoder

# θ before training, below most activations of inputs in [0, 1].
FIRST_THRESHOLD: Final = 0.1


@register(
    "jump_relu_autoencoder",
    equation="h_j = a_j [a_j > θ_j],  a = (x − c)W + b,  loss = ‖x̂ − x‖² + weight · ‖h‖₀",
    paper="Rajamanoharan, Lieberum, Sonnerat et al. 2024, arXiv 2407.14435",
)
class JumpReLUAutoencoder(DictionaryAutoencoder):
    """h_j = a_j [a_j > θ_j],  loss = mean ‖x̂ − x‖² + weight · mean ‖h‖₀ (section 3 of the paper).

    A step has no gradient, so the thresholds get an estimate of the gradient of the *expected* loss
    (section 4), from the activations within half a bandwidth ε of them:

        ∂h_j/∂θ_j := −θ_j/ε K((a_j − θ_j)/ε),  ∂[a_j > θ_j]/∂θ_j := −1/ε K((a_j − θ_j)/ε)

    with the rectangle K(u) = [|u| < ½]. What is learned is log θ.
    """

    surrogates: ClassVar[frozenset[str]] = frozenset({"log_threshold"})

    activation: str = choice("identity", ("identity",), meaning="activation before the jump")
    sparsity: Sparsity = part(Sparsity, kind="l0", weight=0.02)
    bandwidth: Tensor = number(
        0.1, low=0.0, admits_low=False, meaning="bandwidth ε around each threshold",
        unit="activation", logarithmic=True, reference="Rajamanoharan et al. 2024, section 3",
    )  # fmt: skip

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """As in the whole family, with equal thresholds."""
        parameters = super().initialise(draws)
        first = torch.full_like(parameters["hidden_bias"], math.log(FIRST_THRESHOLD))
        return parameters | {"log_threshold": first}

    def selected(self, candidate_TBH: Tensor) -> Tensor:
        """a [a > θ], (T, B, H), with the estimated gradient of θ."""
        threshold_T1H, rise_T1H = self._threshold()
        jumped_TBH = torch.where(candidate_TBH > threshold_T1H, candidate_TBH, 0.0)
        return jumped_TBH - threshold_T1H * self._near(candidate_TBH) * rise_T1H

    def sparseness(self, candidate_TBH: Tensor, code_TBH: Tensor) -> Tensor:
        """weight · mean_b ‖h_b‖₀ with the estimated gradient of θ, or another penalty, (T,)."""
        if self.sparsity.kind != "l0":
            return super().sparseness(candidate_TBH, code_TBH)
        _, rise_T1H = self._threshold()
        density_TH = self._near(candidate_TBH).mean(1)
        count_T = self.sparsity(code_TBH, self.activation)
        return count_T - self.sparsity.weight * (density_TH * rise_T1H[:, 0]).sum(-1)

    def _threshold(self) -> tuple[Tensor, Tensor]:
        """θ as a constant, (T, 1, H), and θ − θ, which is 0 and has the gradient of θ."""
        threshold_T1H = self.parameters["log_threshold"].exp()[:, None]
        constant_T1H = threshold_T1H.detach()
        return constant_T1H, threshold_T1H - constant_T1H

    def _near(self, candidate_TBH: Tensor) -> Tensor:
        """K((a − θ)/ε)/ε, (T, B, H), a constant: how densely activations lie at the threshold."""
        distance_TBH = candidate_TBH.detach() - self._threshold()[0]
        bandwidth = column(self.bandwidth, distance_TBH)
        return (distance_TBH.abs_() < bandwidth / 2) / bandwidth
