"""The contractive penalty: how far the code moves when the input moves a little.

weight · mean_b ‖J_f(x_b)‖²_F,  J_ij = s'(a_j) W_ij,  so  ‖J‖²_F = Σ_j s'(a_j)² Σ_i W_ij²

(Rifai, Vincent, Muller, Glorot & Bengio 2011, ICML, equation 3; exact for one layer with an
elementwise activation.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from .hyperparameter import Part, number


class Contraction(Part):
    """A contractive penalty with one weight per trial."""

    weight: Tensor = number(
        0.0,
        low=0.0,
        meaning="contraction strength",
        unit="squared error per unit of squared Jacobian norm",
        logarithmic=True,
        reference="Rifai et al. 2011, equation 3",
    )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.active = bool((self.weight > 0).any())

    def __call__(self, weight_TVH: Tensor, slope_TBH: Tensor) -> Tensor:
        """The weighted penalty, (T,), from the encoder's weight and the activation's slope."""
        column_norms_TH = weight_TVH.square().sum(1)
        # Averaging the squared slopes first needs one (T, B, H) pass instead of two.
        return self.weight * (slope_TBH.square().mean(1) * column_norms_TH).sum(-1)


def jacobian_norm(weight_TVH: Tensor, slope_TBH: Tensor) -> Tensor:
    """‖J_f(x_b)‖_F of a one-layer encoder at each sample, (T, B)."""
    column_norms_TH1 = weight_TVH.square().sum(1)[..., None]
    return (slope_TBH.square() @ column_norms_TH1)[..., 0].sqrt()
