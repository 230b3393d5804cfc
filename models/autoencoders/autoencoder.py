"""One hidden layer, encoded and decoded; every regulariser of the field composes on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from ..activations import ACTIVATIONS
from ..colour_planes import LumaCountsLess
from ..contraction import Contraction, jacobian_norm
from ..corruption import Corruption, Counting
from ..draws import Draws
from ..errors import HyperparameterError, InputError
from ..hyperparameter import choice, part, structural
from ..network import Network, require_probabilities
from ..registry import register
from ..sparsity import Sparsity
from ..trial_axis import affine, column, interleaved
from .backpropagation import backpropagate

# What the loss is made of.
LOSS = (
    "loss", "distance", "penalised", "encode", "preactivation", "slope", "output",
    "decoder_weight", "_activated",
)  # fmt: skip


@register(
    "autoencoder",
    equation="h = s(xW + b),  x̂ = o(hW′ + c),  loss = mean ‖x̂ − x‖² + penalties",
    paper="Rumelhart, Hinton & Williams 1986, Nature 323:533; Bourlard & Kamp 1988",
)
class Autoencoder(Network):
    """Nonlinear autoencoder, under- or overcomplete, tied or untied.

    h = s(x̃W + b),  x̂ = o(hW′ + c),  W′ = Wᵀ when tied

    loss = mean_b d(x̂_b, x_b) + sparsity(h) + contraction(W, h)

    where x̃ is the corrupted input and d the squared error or the cross-entropy, summed over inputs.
    With all penalties at 0 this is the plain autoencoder; a hidden layer wider than the input needs
    one of them to learn more than the identity.
    """

    closed_jacobian = True
    own_loss: ClassVar[bool] = False
    """Whether a variant's loss or passes are not those of this class, which has its gradient."""

    activation: str = choice(
        "sigmoid", ("sigmoid", "tanh", "relu", "identity"), meaning="activation s of the code"
    )
    output_activation: str = choice(
        "identity", ("identity", "sigmoid", "tanh", "relu"), meaning="activation o of the output"
    )
    reconstruction: str = choice(
        "squared_error",
        ("squared_error", "cross_entropy"),
        meaning="distance between input and reconstruction",
        reference="Vincent et al. 2010, section 2.2",
    )
    tied: bool = structural(False, meaning="whether the decoder is the encoder's transpose")
    sparsity: Sparsity = part(Sparsity)
    corruption: Corruption = part(Corruption)
    contraction: Contraction = part(Contraction)

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.own_loss = any(getattr(cls, name) is not getattr(Autoencoder, name) for name in LOSS)

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse cross-entropy without a sigmoid output, and what the parts refuse."""
        super().check(values)
        if values["reconstruction"] == "cross_entropy" and values["output_activation"] != "sigmoid":
            raise HyperparameterError(
                "reconstruction",
                "cross_entropy needs outputs between 0 and 1",
                f"output_activation: {values['output_activation']}",
                "Write `output_activation: sigmoid`.",
            )

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Empty: the loss is a mean over samples, or a function of such means."""
        return ""

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Glorot's uniform range times the activation's gain; biases at 0."""
        shape = (self.visible, self.hidden)
        reach = (6.0 / sum(shape)) ** 0.5

        def uniform(name: str, *size: int, gain: float) -> Tensor:
            drawn: Tensor = (2 * draws.uniform(f"initialise/{name}", *size) - 1) * (reach * gain)
            return drawn.expand(self.trials, *size)

        def zeros(width: int) -> Tensor:
            return torch.zeros(self.trials, width, dtype=self.dtype, device=self.device)

        gain = ACTIVATIONS[self.activation].gain
        parameters = {
            "weight": interleaved(uniform("weight", *shape, gain=gain)),
            "hidden_bias": zeros(self.hidden),
        }
        if not self.tied:
            # Codes are never shared between trials, so nothing is won by interleaving here.
            decoder = uniform("decoder_weight", *shape[::-1], gain=1.0)
            parameters["decoder_weight"] = decoder.contiguous()
        parameters["decoder_bias"] = zeros(self.visible)
        return parameters

    def meet(self, x_TNV: Tensor) -> None:
        """Refuse inputs whose cross-entropy has no minimum, or that have no colour to take."""
        super().meet(x_TNV)
        self.corruption.meet(self.name, self.visible)
        if self.reconstruction == "cross_entropy":
            require_probabilities(f"{self.name} with cross_entropy", x_TNV)

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Gradients of the loss; reports ``loss`` and ``reconstruction_error``."""
        if self.own_loss:
            return self.differentiated(x_TBV, draws)
        return backpropagate(self, x_TBV, draws)

    def differentiated(
        self, x_TBV: Tensor, draws: Draws
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """:meth:`gradients` of whatever :meth:`loss` there is, by automatic differentiation."""
        parameters = self.parameters
        for parameter in parameters.values():
            parameter.requires_grad_()
        loss_T, error_T = self.loss(x_TBV, draws)
        # Trials share no parameter, so the gradient of the sum is each trial's own gradient.
        found = torch.autograd.grad(loss_T.sum(), list(parameters.values()))
        for parameter in parameters.values():
            parameter.requires_grad_(False)
        return (
            dict(zip(parameters, found, strict=True)),
            {"loss": loss_T.detach(), "reconstruction_error": error_T.detach()},
        )

    def loss(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The penalised loss and the squared error per sample, (T,) each."""
        seen_TBV, counting_TBV = self.corruption.emphasised(x_TBV, draws)
        code_TBH = self.encode(seen_TBV)
        loss_T, error_T = self.distance(self.output(code_TBH), x_TBV, counting_TBV)
        return self.penalised(loss_T, code_TBH), error_T

    def distance(
        self, output_TBV: Tensor, x_TBV: Tensor, counting_TBV: Counting | None = None
    ) -> tuple[Tensor, Tensor]:
        """d(x̂, x) and the squared error per sample, (T,) each.

        Args:
            output_TBV: before the output activation.
            x_TBV: what should come out, (1 or T, B, V).
            counting_TBV: how much each input counts in d, (1 or T, B, V), or how much less luma
                does; 1 where left out.
        """
        target_TBV = x_TBV.expand_as(output_TBV)
        if isinstance(counting_TBV, LumaCountsLess):
            residual_TBV = self._activated(output_TBV) - target_TBV
            counted_TBV = counting_TBV.of(residual_TBV)
            return per_sample(counted_TBV.square()), per_sample(residual_TBV.square())
        error_TBV = mse_loss(self._activated(output_TBV), target_TBV, reduction="none")
        error_T = per_sample(error_TBV)
        if self.reconstruction == "squared_error":
            if counting_TBV is None:
                return error_T, error_T
            return per_sample(counting_TBV * error_TBV), error_T
        entropy_TBV = binary_cross_entropy_with_logits(
            output_TBV, target_TBV, weight=counting_TBV, reduction="none"
        )
        return per_sample(entropy_TBV), error_T

    def penalised(self, loss_T: Tensor, code_TBH: Tensor) -> Tensor:
        """The loss with the penalties on the code, (T,)."""
        if self.sparsity.active:
            loss_T = loss_T + self.sparsity(code_TBH, self.activation, self.share)
        if self.contraction.active:
            loss_T = loss_T + self.contraction(self.parameters["weight"], self.slope(code_TBH))
        return loss_T

    def encode(self, x_TBV: Tensor) -> Tensor:
        """h = s(xW + b), (T, B, H)."""
        return ACTIVATIONS[self.activation].apply(self.preactivation(x_TBV))

    def preactivation(self, x_TBV: Tensor) -> Tensor:
        """a = xW + b, (T, B, H)."""
        return affine(x_TBV, self.parameters["weight"], self.parameters["hidden_bias"])

    def decode(self, code_TBH: Tensor) -> Tensor:
        """x̂ = o(hW′ + c), (T, B, V)."""
        return self._activated(self.output(code_TBH))

    def output(self, code_TBH: Tensor) -> Tensor:
        """hW′ + c before the output activation, (T, B, V)."""
        return affine(code_TBH, self.decoder_weight(), self.parameters["decoder_bias"])

    def decoder_weight(self) -> Tensor:
        """W′, (T, H, V)."""
        if self.tied:
            return self.parameters["weight"].mT
        return self.parameters["decoder_weight"]

    def slope(self, code_TBH: Tensor) -> Tensor:
        """s'(a) in terms of h = s(a), (T, B, H)."""
        return ACTIVATIONS[self.activation].slope(code_TBH)

    def jacobian(self, x_TBV: Tensor) -> Tensor:
        """s'(a_j) W_ij, (T, B, H, V)."""
        return self.slope(self.encode(x_TBV))[..., None] * self.parameters["weight"].mT[:, None]

    def jacobian_norm(self, x_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """√(Σ_j s'(a_j)² ‖W_j‖²), (T, B)."""
        return jacobian_norm(self.parameters["weight"], self.slope(code_TBH))

    @torch.no_grad()
    def score(self, x_TBV: Tensor) -> Tensor:
        """The reconstruction field r(x) − x, (T, B, V).

        After Gaussian denoising at level σ it is divided by σ², and then estimates the score
        ∂ log p(x)/∂x of the smoothed density (Alain & Bengio 2014, JMLR 15:3743, theorem 1).
        """
        field_TBV = self.reconstruct(x_TBV) - x_TBV
        if self.corruption.kind != "gaussian":
            return field_TBV
        variance = self.corruption.level.square()
        return field_TBV / column(torch.where(variance > 0, variance, 1.0), field_TBV)

    def unrolled(self) -> Autoencoder:
        """An untied copy, with the same encode and decode."""
        apart = [{**trial, "tied": False} for trial in self.settings]
        made = type(self)(self.visible, apart, self.seeds, self.dtype, self.device)
        made.parameters = {name: value.detach().clone() for name, value in self.untied().items()}
        made.state = {name: value.clone() for name, value in self.state.items()}
        return made

    def untied(self) -> dict[str, Tensor]:
        """All parameters, a tied decoder written out."""
        if not self.tied:
            return self.parameters
        return self.parameters | {"decoder_weight": self.parameters["weight"].mT.contiguous()}

    def weights(self, trial: int = 0) -> dict[str, np.ndarray]:
        """One trial's arrays; a tied decoder is listed too, as the transpose that it is."""
        arrays = super().weights(trial)
        if self.tied:
            arrays["decoder_weight"] = np.ascontiguousarray(arrays["weight"].T)
        return arrays

    def set_weights(self, given: Mapping[str, np.ndarray], trial: int = 0) -> None:
        """Put arrays in the place of one trial's parameters.

        Raises:
            InputError: as for every network, or a tied decoder that is not the transpose.
        """
        if self.tied and "decoder_weight" in given and "weight" in given:
            transpose = np.asarray(given["weight"]).T
            if not np.array_equal(np.asarray(given["decoder_weight"]), transpose):
                raise InputError(
                    "set_weights(decoder_weight)",
                    "must be the transpose of weight, since the decoder is tied",
                    remedy="Leave it out.",
                )
        super().set_weights(given, trial)

    def _activated(self, output_TBV: Tensor) -> Tensor:
        return ACTIVATIONS[self.output_activation].apply(output_TBV)


def per_sample(distance_TBV: Tensor) -> Tensor:
    """Summed over inputs, mean over samples, (T,)."""
    return distance_TBV.sum((1, 2)) / distance_TBV.shape[1]
