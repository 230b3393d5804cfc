"""Higher-order contractive autoencoder: a code that moves little, and everywhere alike."""

from __future__ import annotations

import torch
from torch import Tensor

from ..activations import ACTIVATIONS
from ..contraction import HigherOrderContraction
from ..draws import Draws
from ..hyperparameter import default, part
from ..registry import register
from ..trial_axis import column, product
from .autoencoder import Autoencoder


@register(
    "higher_order_contractive_autoencoder",
    equation="loss = mean ‖x̂ − x‖² + weight · ‖J_f(x)‖²_F + curvature · E_ε ‖J_f(x) − J_f(x+ε)‖²_F",
    paper="Rifai, Mesnil, Vincent, Muller, Bengio, Dauphin & Glorot 2011, ECML (CAE+H)",
)
class HigherOrderContractiveAutoencoder(Autoencoder):
    """loss = mean ‖x̂ − x‖² + weight · ‖J‖²_F + curvature · E_ε Σ_j (s'(a_j) − s'(ã_j))² ‖W_j‖²

    with a = xW + b, ã = (x + ε)W + b and ε ~ N(0, noise² I) drawn anew in every step; tied like
    the contractive one. The norm of the Jacobian's change is in closed form, the expectation over ε
    a mean over ``samples`` draws. The penalty grows with noise², so that ``curvature · noise²`` is
    the strength with which the squared norm of the Hessian is held down.
    """

    hidden = default(128)
    tied = default(True)
    contraction: HigherOrderContraction = part(
        HigherOrderContraction, weight=1.0, curvature=1.0, noise=0.3
    )

    def loss(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The penalised loss and the squared error per sample, (T,) each."""
        seen_TBV, counting_TBV = self.corruption.emphasised(x_TBV, draws)
        pre_TBH = self.preactivation(seen_TBV)
        code_TBH = ACTIVATIONS[self.activation].apply(pre_TBH)
        loss_T, error_T = self.distance(self.output(code_TBH), x_TBV, counting_TBV)
        loss_T = self.penalised(loss_T, code_TBH)
        if self.contraction.curved:
            loss_T = loss_T + self.contraction.bending(
                self.parameters["weight"], self.slope(code_TBH), self._slopes(pre_TBH, draws)
            )
        return loss_T, error_T

    def _slopes(self, pre_TBH: Tensor, draws: Draws) -> Tensor:
        """s'(ã) at S points near each sample, (T, S, B, H)."""
        samples, rows = self.contraction.samples, pre_TBH.shape[1]
        noise = draws.normal("curvature", samples, rows, self.visible, rows=1).flatten(1, 2)
        # ã = a + noise · εW: trials that differ in the noise share ε, and so one wide product.
        moved_TNH = product(noise, self.parameters["weight"])
        moved_TNH = column(self.contraction.noise, moved_TNH) * moved_TNH
        nearby_TSBH = pre_TBH[:, None] + torch.unflatten(moved_TNH, 1, (samples, rows))
        return self.slope(ACTIVATIONS[self.activation].apply(nearby_TSBH))
