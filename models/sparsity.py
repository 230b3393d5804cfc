"""Penalties that keep most hidden units silent.

l1   weight · mean_b Σ_j |h_bj|                     what a Laplace prior on the code asks for
kl   weight · Σ_j KL(target ‖ ρ_j),  ρ_j = mean_b h_bj   (Lee, Ekanadham & Ng 2008; Ng 2011, CS294A)
l0   weight · mean_b Σ_j [h_bj ≠ 0]                 how many units speak

Laplace: under p(h) = Π_j ½λ e^{−λ|h_j|} and p(x | h) = N(x̂, σ²), the negative log of the joint is

−log p(x, h) = ‖x − x̂‖²/2σ² + λ Σ_j |h_j| + constant

so that 2σ² of it is the squared error plus l1 with weight = 2σ²λ: the code of the least loss is the
most probable one (Olshausen & Field 1996, Nature 381:607).

ρ_j is the batch *mean* of unit j. For tanh the code is first mapped to (0, 1) by (h + 1)/2. The l0
penalty is flat wherever it has a derivative: it is for networks whose thresholds learn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .data_parallel import ALONE, Share
from .errors import HyperparameterError
from .hyperparameter import Part, choice, number

KINDS = ("l1", "kl", "l0")


class Sparsity(Part):
    """A sparsity penalty with one weight and one target per trial."""

    kind: str = choice("l1", KINDS, meaning="kind of sparsity penalty on the code")
    weight: Tensor = number(
        0.0,
        low=0.0,
        meaning="sparsity weight",
        unit="squared error per unit of penalty",
        logarithmic=True,
        reference="Ng 2011, CS294A lecture notes on sparse autoencoders",
    )
    target: Tensor = number(
        0.05,
        low=0.0,
        high=1.0,
        admits_low=False,
        admits_high=False,
        meaning="mean activation that the kl penalty asks of each unit",
        unit="mean activation",
        reference="Ng 2011, CS294A",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any], prefix: str) -> None:
        """Refuse kl of codes that are no probabilities, and l0 where nothing learns from it."""
        kind, activation = values[f"{prefix}.kind"], values["activation"]
        if values[f"{prefix}.weight"] == 0:
            return
        if kind == "l0" and "bandwidth" not in values:
            raise HyperparameterError(
                f"{prefix}.kind",
                "l0 needs units with thresholds of their own to learn",
                remedy="Take jump_relu_autoencoder, or `kind: l1`.",
            )
        if kind == "kl" and activation in ("relu", "identity"):
            raise HyperparameterError(
                f"{prefix}.kind",
                "kl needs a code between 0 and 1 (activation sigmoid or tanh)",
                activation,
                "Use `kind: l1` with this activation.",
            )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.active = bool((self.weight > 0).any())

    def __call__(self, code_TBH: Tensor, activation: str, share: Share = ALONE) -> Tensor:
        """The weighted penalty, (T,); ``share`` knows the mean code of the whole batch."""
        if self.kind == "l1":
            return self.weight * code_TBH.abs().sum(-1).mean(-1)
        if self.kind == "l0":
            return self.weight * torch.count_nonzero(code_TBH, (1, 2)) / code_TBH.shape[1]
        probability = (code_TBH + 1) / 2 if activation == "tanh" else code_TBH
        tiny = torch.finfo(code_TBH.dtype).eps
        rho_TH = share.mean(probability.mean(1)).clamp(tiny, 1 - tiny)
        target = self.target[:, None]
        divergence = (
            target * (target / rho_TH).log() + (1 - target) * ((1 - target) / (1 - rho_TH)).log()
        )
        return self.weight * divergence.sum(-1)
