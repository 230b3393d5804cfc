"""Linear autoencoder: what it finds is the subspace of the principal components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..errors import HyperparameterError, InputError
from ..hyperparameter import choice, default
from ..registry import register
from ..trial_axis import interleaved
from .autoencoder import Autoencoder
from .reduced_rank import covariance, reduced_rank


@register(
    "linear_autoencoder",
    equation="h = xW + b,  x̂ = hW′ + c",
    paper="Baldi & Hornik 1989, Neural Networks 2:53",
)
class LinearAutoencoder(Autoencoder):
    """h = xW + b, x̂ = hW′ + c; every minimum of the squared error spans PCA's subspace.

    Not to be confused with PCA itself: the hidden units are a basis of the subspace, neither
    orthogonal nor ordered, unless training starts at the principal components. That start is
    already the minimum of the squared error on the training data.
    """

    activation = default("identity")
    hidden = default(16)
    start: str = choice(
        "random",
        ("random", "principal_components"),
        meaning="first weights; principal_components: of the training data, the largest first",
        reference="Baldi & Hornik 1989",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse to start a nonlinear network at the principal components."""
        super().check(values)
        shape = (values["activation"], values["output_activation"])
        if values["start"] != "random" and shape != ("identity", "identity"):
            raise HyperparameterError(
                "start",
                "principal_components needs the identity as activation and output_activation",
                ", ".join(shape),
            )

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Nothing but rounding moves a network that starts at the minimum."""
        at_minimum = "it starts at the minimum, where its steps are those of rounding"
        return at_minimum if values["start"] != "random" else ""

    def meet(self, x_TNV: Tensor) -> None:
        """Start at the principal components of the training data, where asked to."""
        super().meet(x_TNV)
        if self.start == "random":
            return
        mean_T1V, covariance_TVV = covariance(x_TNV)
        _, axes_THV = reduced_rank(covariance_TVV, covariance_TVV, require_rank(self))
        begin_linear(self, axes_THV.mT, axes_THV, mean_T1V, mean_T1V)


def require_rank(network: Autoencoder) -> int:
    """The size of the code, at most the width of the input.

    Raises:
        InputError: a linear map of V inputs has no rank above V.
    """
    if network.hidden > network.visible:
        raise InputError(
            network.name,
            f"in closed form, needs an input at least as wide as its {network.hidden} hidden units",
            network.visible,
            "Write a smaller `hidden`, or `start: random`.",
        )
    return network.hidden


def begin_linear(
    network: Autoencoder,
    encoder_TVH: Tensor,
    decoder_THV: Tensor,
    seen_T1V: Tensor,
    mean_T1V: Tensor,
) -> None:
    """Make the network the map x ↦ mean + (x − seen) E D; arguments have 1 or T trials."""

    def given(value: Tensor, name: str) -> Tensor:
        return value.to(network.dtype).expand_as(network.parameters[name]).clone()

    network.parameters["weight"] = interleaved(given(encoder_TVH, "weight"))
    network.parameters["hidden_bias"] = given(-(seen_T1V @ encoder_TVH)[:, 0], "hidden_bias")
    if not network.tied:
        network.parameters["decoder_weight"] = given(decoder_THV, "decoder_weight").contiguous()
    network.parameters["decoder_bias"] = given(mean_T1V[:, 0], "decoder_bias")
