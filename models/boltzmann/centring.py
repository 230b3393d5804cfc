"""Centring: the gradient that a machine would have if its units were measured from their means.

E(v, h) = −(v − μ)ᵀW(h − λ) − bᵀ(v − μ) − cᵀ(h − λ) is the same family of distributions as with
μ = λ = 0; its biases are those of the usual form plus Wλ and plus Wᵀμ. A step down its gradient,
written in the usual parameters, is

∂W′ = ∂W − μ ∂cᵀ − ∂b λᵀ,   ∂b′ = ∂b − ∂W′ λ,   ∂c′ = ∂c − ∂W′ᵀ μ

(Montavon & Müller 2012; Melchior, Fischer & Wiskott 2016, JMLR 17(99), section 3). So the weights
stay in the usual parameters, and a machine learns the same from an input and from its negative.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..hyperparameter import Part, choice, number
from ..trial_axis import product


class Centring(Part):
    """Whether units are measured from running means of theirs, and from which."""

    kind: str = choice(
        "none",
        ("none", "data", "average"),
        meaning="means the units are measured from: the data's, or the average with the chain's",
        reference="Melchior, Fischer & Wiskott 2016 (their dd and aa); Cho, Raiko & Ilin 2011",
    )
    rate: Tensor = number(
        0.01, low=0.0, high=1.0, admits_low=False,
        meaning="share of a new batch in the running means", unit="share per step",
        reference="Melchior, Fischer & Wiskott 2016, section 4",
    )  # fmt: skip

    @property
    def active(self) -> bool:
        """Whether anything is measured from anywhere."""
        return self.kind != "none"

    def moved(self, offset_TU: Tensor, data_TU: Tensor, chain_TU: Tensor) -> Tensor:
        """The running mean of units after a batch with these means, (T, U)."""
        mean_TU = (data_TU + chain_TU) / 2 if self.kind == "average" else data_TU
        return torch.lerp(offset_TU, mean_TU.expand_as(offset_TU), self.rate[:, None])


def centred(
    gradients: Mapping[str, Tensor], visible_TV: Tensor, presented_TV: Tensor, hidden_TH: Tensor
) -> dict[str, Tensor]:
    """The gradient in the usual parameters of a machine that is measured from these offsets.

    Args:
        gradients: ``weight``, ``visible_bias`` and ``hidden_bias`` of the machine without offsets;
            what else there is stays.
        visible_TV: μ.
        presented_TV: μ as it meets the weight, u(μ).
        hidden_TH: λ.
    """
    visible, hidden = gradients["visible_bias"], gradients["hidden_bias"]
    weight = gradients["weight"].addcmul(visible_TV[:, :, None], hidden[:, None], value=-1)
    weight.addcmul_(visible[:, :, None], hidden_TH[:, None], value=-1)
    return {
        **gradients,
        "weight": weight,
        "visible_bias": visible - product(weight, hidden_TH[..., None])[..., 0],
        "hidden_bias": hidden - product(presented_TV[:, None], weight)[:, 0],
    }
