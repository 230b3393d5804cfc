"""The contractive penalty: how far the code moves when the input moves a little.

weight · mean_b ‖J_f(x_b)‖²_F,  J_ij = s'(a_j) W_ij,  so  ‖J‖²_F = Σ_j s'(a_j)² Σ_i W_ij²

(Rifai, Vincent, Muller, Glorot & Bengio 2011, ICML, equation 3; exact for one layer with an
elementwise activation.) The higher-order one adds how much the Jacobian itself changes nearby:

curvature · mean_b E_ε ‖J_f(x_b) − J_f(x_b + ε)‖²_F,  ε ~ N(0, noise² I)

(Rifai, Mesnil, Vincent, Muller, Bengio, Dauphin & Glorot 2011, ECML, CAE+H); as the noise
vanishes, E ‖J(x) − J(x + ε)‖²_F / noise² becomes the squared norm of the Hessian.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from .hyperparameter import Part, number, structural


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

    def derivatives(
        self, weight_TVH: Tensor, slope_TBH: Tensor, bend_TBH: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The penalty, and its derivatives by the weight and by the code.

        Args:
            bend_TBH: ∂s'/∂h, the slope's own slope in terms of the code.

        Returns:
            the weighted penalty (T,); p (T, H), where ∂/∂W_ij = p_j W_ij; and ∂/∂h (T, B, H).
        """
        column_norms_TH = weight_TVH.square().sum(1)
        slopes_TH = slope_TBH.square().mean(1)
        strength_TH = 2 * self.weight[:, None] / slope_TBH.shape[1] * column_norms_TH
        return (
            self.weight * (slopes_TH * column_norms_TH).sum(-1),
            2 * self.weight[:, None] * slopes_TH,
            slope_TBH * bend_TBH * strength_TH[:, None],
        )


class HigherOrderContraction(Contraction):
    """A contractive penalty that also keeps the Jacobian from changing nearby."""

    curvature: Tensor = number(
        0.0,
        low=0.0,
        meaning="strength of the curvature penalty",
        unit="squared error per unit of squared change of the Jacobian",
        logarithmic=True,
        reference="Rifai, Mesnil et al. 2011, ECML (its γ)",
    )
    noise: Tensor = number(
        0.1,
        low=0.0,
        admits_low=False,
        meaning="how far away the Jacobian is compared",
        unit="standard deviation in the data's units",
        logarithmic=True,
        reference="Rifai, Mesnil et al. 2011, ECML (its σ)",
    )
    samples: int = structural(
        4, low=1, high=1000, meaning="points nearby at which the Jacobian is compared",
        unit="points for each sample", reference="Rifai, Mesnil et al. 2011, ECML",
    )  # fmt: skip

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.curved = bool((self.curvature > 0).any())

    def bending(self, weight_TVH: Tensor, slope_TBH: Tensor, slope_TSBH: Tensor) -> Tensor:
        """The weighted curvature penalty, (T,), from the slopes at x and at S points nearby."""
        change_TH = (slope_TSBH - slope_TBH[:, None]).square().mean((1, 2))
        return self.curvature * (change_TH * weight_TVH.square().sum(1)).sum(-1)


def jacobian_norm(weight_TVH: Tensor, slope_TBH: Tensor) -> Tensor:
    """‖J_f(x_b)‖_F of a one-layer encoder at each sample, (T, B)."""
    column_norms_TH1 = weight_TVH.square().sum(1)[..., None]
    return (slope_TBH.square() @ column_norms_TH1)[..., 0].sqrt()
