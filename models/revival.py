"""Bringing back units that have fallen silent: they learn what the others leave unexplained.

e = x − x̂,  ê = z_dead W′,  z_dead = the k largest of the dead units' (x − c)W + b

loss += weight · mean_b ‖e_b − ê_b‖²  for each network that has dead units

(Gao, Dupré la Tour, Tillman, Goh, Troll, Radford, Sutskever, Leike & Wu 2024, arXiv 2406.04093,
appendix A.2, "AuxK".) The residual is a constant target, so the units that speak are not moved. The
dead ones learn from before their relu: one that is below 0 on every sample has no other gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .hyperparameter import Part, number, structural
from .selection import keep_largest
from .trial_axis import product
from .waiting import may_ask


class Revival(Part):
    """The auxiliary loss of dead units, with one weight per trial."""

    weight: Tensor = number(
        0.0,
        low=0.0,
        meaning="weight of the loss by which dead units learn the residual",
        unit="squared error per squared error",
        logarithmic=True,
        reference="Gao et al. 2024, appendix A.2",
    )
    after: int = structural(
        2000, low=1, high=1_000_000_000, meaning="silence after which a unit counts as dead",
        unit="training samples", reference="Gao et al. 2024, appendix A.2",
    )  # fmt: skip
    k: int = structural(
        32, low=1, high=65536, meaning="dead units that learn from each sample at most",
        unit="units", reference="Gao et al. 2024, appendix A.2: half the input's width",
    )  # fmt: skip

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.active = bool((self.weight > 0).any())

    def dead(self, silence_TH: Tensor) -> Tensor:
        """Which units count as dead, (T, H), from their samples of silence."""
        return silence_TH >= self.after

    def __call__(
        self,
        pre_TBH: Tensor,
        silence_TH: Tensor,
        residual_TBV: Tensor,
        decoder_weight_THV: Tensor,
    ) -> Tensor:
        """The weighted loss, (T,); 0 for a network without dead units.

        Args:
            pre_TBH: each unit's preactivation.
            silence_TH: for how many training samples it has been silent.
            residual_TBV: x − x̂ of the units that speak.
            decoder_weight_THV: W′.
        """
        dead_TH = self.dead(silence_TH)
        if may_ask(dead_TH) and not dead_TH.any():
            return torch.zeros_like(self.weight)
        dead_T1H = dead_TH[:, None]
        largest_TBH = keep_largest(pre_TBH.masked_fill(~dead_T1H, -torch.inf), self.k)
        code_TBH = largest_TBH.masked_fill(~dead_T1H, 0.0)
        error_TBV = product(code_TBH, decoder_weight_THV) - residual_TBV.detach()
        return self.weight * dead_TH.any(1) * error_TBV.square().sum(-1).mean(-1)


def silence(silence_TH: Tensor, code_TBH: Tensor) -> Tensor:
    """For how many samples each unit has been silent, (T, H), after a batch of codes."""
    return torch.where((code_TBH != 0).any(1), 0, silence_TH + code_TBH.shape[1])
