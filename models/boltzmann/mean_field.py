"""The factorial distribution that comes nearest to the posterior of a deep Boltzmann machine.

Q(h) = Π_j μ_j^h_j (1 − μ_j)^(1−h_j),  μ = σ(b + Σ Wμ over all layers linked to this one)

solved by turns for the odd and for the even layers. Within such a block the units do not touch each
other, so that an update is the exact maximum of the lower bound of log p(v) over the block, and a
damped one lies on the way there: the bound never falls (Salakhutdinov & Hinton 2009, section 2.1).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..hyperparameter import Part, number, structural
from ..trial_axis import column
from ..waiting import may_ask
from .layered import Layers, Parameters, States


class MeanField(Part):
    """How the mean-field equations are solved."""

    updates: int = structural(
        10, low=1, high=10_000, meaning="mean-field updates of every hidden layer, at most",
        unit="updates", reference="Salakhutdinov & Hinton 2009",
    )  # fmt: skip
    damping: Tensor = number(
        0.0, low=0.0, high=1.0, admits_high=False,
        meaning="share of the old mean that an update keeps", unit="share",
    )  # fmt: skip
    tolerance: Tensor = number(
        0.0, low=0.0, meaning="largest change of a mean at which a sample counts as settled",
        unit="probability",
    )  # fmt: skip

    def settle(
        self, layers: Layers, parameters: Parameters, clamped: States, start: States
    ) -> dict[int, Tensor]:
        """The means of the free layers, with the clamped ones held, by layer.

        A sample that has settled is held while others go on, so that its means do not depend on
        what stands beside it.

        Args:
            clamped: the layers that are known, (1 or T, B, units) each.
            start: first means of the free layers, (T, B, units) each.
        """
        given = {i: layers.inputs(parameters, i, clamped) for i in start}
        means = dict(start)
        sides = [[i for i in layers.side(parity) if i in start] for parity in (1, 0)]
        # Held or not, a sample whose means change no more has the same ones.
        settles = not may_ask(self.tolerance) or bool((self.tolerance > 0).any())
        first = next(iter(start.values()))
        moving = torch.ones_like(first[..., :1], dtype=torch.bool)
        for _ in range(self.updates):
            change = torch.zeros_like(first[..., :1])
            for i in (i for side in sides for i in side):
                old = means[i]
                new = torch.sigmoid(layers.inputs(parameters, i, means, given[i]))
                new = torch.lerp(new, old, column(self.damping, old))
                if settles:
                    new = torch.where(moving, new, old)
                    change = torch.maximum(change, (new - old).abs().amax(-1, keepdim=True))
                means[i] = new
            if settles:
                moving = moving & (change > column(self.tolerance, change))
                if may_ask(moving) and not moving.any():
                    break
        return means
