"""Deep autoencoder: several layers up to a small code, and as many down again."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor

from ..draws import Draws
from ..hyperparameter import default, widths
from ..registry import register
from .autoencoder import Autoencoder
from .deep import Deep


@register(
    "deep_autoencoder",
    equation="h = f_L(… f_1(x)),  x̂ = g_1(… g_L(h)),  f_l(y) = s(yW_l + b_l)",
    paper="Hinton & Salakhutdinov 2006, Science 313:504",
)
class DeepAutoencoder(Deep):
    """h = f_L(… f_1(x̃)), x̂ = g_1(… g_L(h)); all layers are trained together from random weights.

    f_l(y) = s_l(yW_l + b_l),  g_l(y) = s_{l−1}(yW′_l + c_l)

    loss = mean_b d(x̂_b, x_b) + sparsity(h) + contraction · mean_b ‖∂h/∂x̃‖²_F

    s_l is ``layer_activation`` between input and code, ``activation`` at the code (identity: the
    linear code units of the paper) and ``output_activation`` at the output. To start from a trained
    stack instead, take ``fine_tune``.
    """

    hidden = default(16)
    activation = default("identity")
    layer_activation = default("tanh")
    layers: tuple[int, ...] = widths(
        (128, 64), meaning="sizes of the layers between input and code, the lowest first",
        unit="hidden units",
    )  # fmt: skip

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Glorot's uniform range times the activation's gain in every layer; biases at 0."""
        sizes = (self.visible, *self.layers, self.hidden)
        between = [self.layer_activation] * len(self.layers)
        up, down = [*between, self.activation], [self.output_activation, *between]
        self.below = tuple(
            self.part(
                Autoencoder, visible, hidden=hidden, activation=above, output_activation=below
            )
            for (visible, hidden), above, below in zip(pairwise(sizes), up, down, strict=True)
        )
        return super().initialise(draws)

    def encode(self, x_TBV: Tensor) -> Tensor:
        """h = f_L(… f_1(x)), (T, B, H)."""
        for layer in self.parts():
            x_TBV = layer.encode(x_TBV)
        return x_TBV

    def output(self, code_TBH: Tensor) -> Tensor:
        """g_1(… g_L(h)) before the output activation, (T, B, V)."""
        lowest, *others = self.parts()
        for layer in reversed(others):
            code_TBH = layer.decode(code_TBH)
        return lowest.output(code_TBH)
