"""What autoencoders of several layers share.

Their parts are autoencoders themselves, and lend them their two passes; the parameters are all the
whole network's, each part's under a prefix of its own (``2.weight``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from .. import registry
from ..activations import ACTIVATIONS
from ..draws import Draws
from ..hyperparameter import choice, structural
from ..jacobian import squared_jacobian_norm
from ..network import Network
from .autoencoder import Autoencoder

A = TypeVar("A", bound=Autoencoder)


class Deep(Autoencoder):
    """h = f_L(… f_1(x)),  x̂ = g_1(… g_L(h)),  loss = mean d(x̂, x) + penalties on h.

    A code of several layers has no closed Jacobian, so the contractive penalty is an unbiased
    estimate of ‖∂h/∂x‖²_F from random directions of the code.
    """

    closed_jacobian = False

    below: tuple[Autoencoder, ...]

    layer_activation: str = choice(
        "sigmoid", ("sigmoid", "tanh", "relu", "identity"),
        meaning="activation of the layers between input and code",
    )  # fmt: skip
    probes: int = structural(
        1, low=1, high=1000, meaning="random directions that estimate the contractive penalty",
        unit="directions per sample", reference="Hutchinson 1989",
    )  # fmt: skip

    def prefixes(self) -> tuple[str, ...]:
        """What the parameters of each part in ``below`` are called by: numbers from 1."""
        return tuple(str(number) for number in range(1, len(self.below) + 1))

    def parts(self) -> tuple[Autoencoder, ...]:
        """The parts in ``below``, each with its share of the parameters and of the state."""
        for prefix, part in zip(self.prefixes(), self.below, strict=True):
            part.parameters = _share(self.parameters, prefix)
            part.state = _share(self.state, prefix)
        return self.below

    def part(self, kind: type[A], visible: int, **values: Any) -> A:
        """A part of this network: of that kind, with these hyperparameters."""
        settings = registry.resolve(kind, {**values, "tied": self.tied})
        return kind(visible, [settings] * self.trials, self.seeds, self.dtype, self.device)

    def inner(self) -> tuple[str, ...]:
        """The prefixes of the parts that stand upon others and decode into a hidden layer."""
        return self.prefixes()[1:]

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Glorot's uniform range times the activation's gain in every layer; biases at 0.

        The decoders of inner parts lead into hidden layers too, and start with their gain.
        """
        first = {
            prefix: part.initialise(draws.within(prefix))
            for prefix, part in zip(self.prefixes(), self.below, strict=True)
        }
        for prefix in self.inner():
            if not self.tied:
                first[prefix]["decoder_weight"] *= ACTIVATIONS[self.layer_activation].gain
        return gathered(first)

    def loss(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The penalised loss and the squared error per sample, (T,) each."""
        seen_TBV, counting_TBV = self.corruption.emphasised(self.shown(x_TBV, draws), draws)
        code_TBH = self.encode(seen_TBV)
        loss_T, error_T = self.distance(self.output(code_TBH), x_TBV, counting_TBV)
        return self.penalised(loss_T, code_TBH) + self.contracted(seen_TBV, draws), error_T

    def shown(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """What of a training input is there to be seen, before corruption; here all of it."""
        return x_TBV

    def penalised(self, loss_T: Tensor, code_TBH: Tensor) -> Tensor:
        """The loss with the sparsity penalty, (T,)."""
        if self.sparsity.active:
            return loss_T + self.sparsity(code_TBH, self.activation, self.share)
        return loss_T

    def contracted(self, seen_TBV: Tensor, draws: Draws) -> Tensor:
        """The contractive penalty at these inputs, (T,)."""
        weight = self.contraction.weight
        if not self.contraction.active:
            return torch.zeros_like(weight)
        square_TB = squared_jacobian_norm(self.encode, seen_TBV, draws, "contraction", self.probes)
        return weight * square_TB.mean(-1)

    def jacobian(self, x_TBV: Tensor) -> Tensor:
        """∂code/∂input, (T, B, H, V), by a backward pass for each unit of the code."""
        return Network.jacobian(self, x_TBV)

    def jacobian_norm(self, x_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """‖∂code/∂input‖_F, (T, B)."""
        return Network.jacobian_norm(self, x_TBV, code_TBH)

    def unrolled(self) -> Autoencoder:
        """An untied copy, for fine-tuning with further layers."""
        made = super().unrolled()
        made.below = tuple(part.unrolled() for part in self.parts())
        return made

    def untied(self) -> dict[str, Tensor]:
        """All parameters, each tied decoder written out."""
        apart = {
            prefix: part.untied()
            for prefix, part in zip(self.prefixes(), self.parts(), strict=True)
        }
        return self.parameters | gathered(apart)

    def weights(self, trial: int = 0) -> dict[str, np.ndarray]:
        """One trial's arrays; tied decoders are not listed."""
        return Network.weights(self, trial)

    def set_weights(self, given: Mapping[str, np.ndarray], trial: int = 0) -> None:
        """Put arrays in the place of one trial's parameters.

        Raises:
            InputError: a missing or unknown name, a wrong shape, or numbers that are not finite.
        """
        Network.set_weights(self, given, trial)


def _share(named: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a prefix, by the names that its part knows them by."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): value for name, value in named.items() if name.startswith(start)
    }


def gathered(parts: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of all parts under their prefixes."""
    return {
        f"{prefix}.{name}": value for prefix, own in parts.items() for name, value in own.items()
    }
