"""A target for how often each hidden unit is on.

With q_j the running mean of unit j's activation, q ← memory · q + (1 − memory) · mean_b h_bj, and
p the target, the cross-entropy −p log q − (1 − p) log(1 − q) has the derivative q − p with respect
to the unit's input, which goes through its bias and its incoming weights alike (Hinton 2012,
section 11; Lee, Ekanadham & Ng 2008). It is the *mean* that is compared, whatever the batch's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..hyperparameter import Part, number


class SparsityTarget(Part):
    """How strongly each unit's running mean is drawn to the target."""

    weight: Tensor = number(
        0.0, low=0.0, meaning="sparsity weight", unit="nats per unit of cross-entropy",
        logarithmic=True, reference="Hinton 2012, section 11 (sparsity-cost)",
    )  # fmt: skip
    target: Tensor = number(
        0.05, low=0.0, high=1.0, admits_low=False, admits_high=False,
        meaning="mean activation that is asked of each hidden unit", unit="mean activation",
        reference="Hinton 2012, section 11 (0.01 to 0.1)",
    )  # fmt: skip
    memory: Tensor = number(
        0.9, low=0.0, high=1.0, admits_high=False,
        meaning="share of the running mean activation that a step keeps", unit="share per step",
        reference="Hinton 2012, section 11 (0.9 to 0.99)",
    )  # fmt: skip

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.active = bool((self.weight > 0).any())

    def moved(self, activity_TH: Tensor, mean_TH: Tensor) -> Tensor:
        """The running mean activation after a batch with this mean, (T, H)."""
        return torch.lerp(mean_TH, activity_TH, self.memory[:, None])

    def added(
        self, gradients: Mapping[str, Tensor], activity_TH: Tensor, visible_TV: Tensor
    ) -> dict[str, Tensor]:
        """The gradients with the pull on every hidden unit's input.

        Args:
            gradients: of which ``weight`` and ``hidden_bias`` change.
            activity_TH: the running mean activation.
            visible_TV: the batch's mean, (1 or T, V).
        """
        pull_TH = self.weight[:, None] * (activity_TH - self.target[:, None])
        return {
            **gradients,
            "weight": gradients["weight"].addcmul(visible_TV[:, :, None], pull_TH[:, None]),
            "hidden_bias": gradients["hidden_bias"] + pull_TH,
        }
