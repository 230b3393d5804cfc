"""Inputs at mean 0 and variance 1, by what the training samples of each trial say.

z = (x − μ)/σ, and 0 for an input that never varies in training (LeCun, Bottou, Orr & Müller 1998,
Efficient BackProp, section 4.3). Shape suffixes as in :mod:`.trial_axis`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Standard(NamedTuple):
    """μ and σ of each input, (T, V) each; σ is 0 where it never varies."""

    mean_TV: Tensor
    deviation_TV: Tensor

    def applied(self, x_TBV: Tensor) -> Tensor:
        """z of x (1 or T, B, V), (T, B, V)."""
        deviation_TV = torch.where(self.deviation_TV > 0, self.deviation_TV, torch.inf)
        return (x_TBV - self.mean_TV[:, None]) / deviation_TV[:, None]

    def undone(self, z_TBV: Tensor) -> Tensor:
        """x of z (1 or T, B, V), (T, B, V); an input that never varies is its mean."""
        return torch.addcmul(self.mean_TV[:, None], z_TBV, self.deviation_TV[:, None])

    def volume(self) -> Tensor:
        """Σ log σ over the inputs that vary, (T,): the log density of z less that of x, in nats."""
        return torch.where(self.deviation_TV > 0, self.deviation_TV, 1.0).log().sum(-1)


def standard(x_TNV: Tensor, trials: int) -> Standard:
    """Of training samples (1 or T, N, V), for T trials."""
    # A constant's deviation is not 0 but rounding, and nobody wants that at variance 1.
    varies = x_TNV.amin(1) < x_TNV.amax(1)
    deviation = torch.where(varies, x_TNV.std(1, correction=0), 0.0)
    found = (x_TNV.mean(1), deviation)
    return Standard(*(value.expand(trials, -1).clone() for value in found))


def unknown(trials: int, visible: int, like: Tensor) -> Standard:
    """Before anything was seen: z = x, in the precision and place of a tensor."""
    return Standard(like.new_zeros(trials, visible), like.new_ones(trials, visible))
