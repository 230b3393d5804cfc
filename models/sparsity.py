"""Penalties that keep most hidden units silent.

l1   weight · mean_b Σ_j |h_bj|                     the negative log of a Laplace prior on the code
kl   weight · Σ_j KL(target ‖ ρ_j),  ρ_j = mean_b h_bj   (Lee, Ekanadham & Ng 2008; Ng 2011, CS294A)

ρ_j is the batch *mean* of unit j. For tanh the code is first mapped to (0, 1) by (h + 1)/2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .errors import HyperparameterError
from .hyperparameter import Part, choice, number

KINDS = ("l1", "kl")


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
        """Refuse a Bernoulli divergence of codes that are no probabilities."""
        activation = values["activation"]
        if (
            values[f"{prefix}.kind"] == "kl"
            and values[f"{prefix}.weight"] > 0
            and activation in ("relu", "identity")
        ):
            raise HyperparameterError(
                f"{prefix}.kind",
                "kl needs a code between 0 and 1 (activation sigmoid or tanh)",
                activation,
                "Use `kind: l1` with this activation.",
            )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.active = bool((self.weight > 0).any())

    def __call__(self, code_TBH: Tensor, activation: str) -> Tensor:
        """The weighted penalty, (T,)."""
        if self.kind == "l1":
            return self.weight * code_TBH.abs().sum(-1).mean(-1)
        probability = (code_TBH + 1) / 2 if activation == "tanh" else code_TBH
        tiny = torch.finfo(code_TBH.dtype).eps
        rho_TH = probability.mean(1).clamp(tiny, 1 - tiny)
        target = self.target[:, None]
        divergence = (
            target * (target / rho_TH).log() + (1 - target) * ((1 - target) / (1 - rho_TH)).log()
        )
        return self.weight * divergence.sum(-1)
