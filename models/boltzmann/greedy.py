"""Deep machines that learn greedily first, layer by layer, and then all layers together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from ..draws import Draws
from ..errors import HyperparameterError, InputError
from ..hyperparameter import default, number, structural, widths
from ..network import Network
from ..trial_axis import column, interleaved
from ..unrolling import require_stack
from .bernoulli_rbm import BernoulliRBM
from .partition import Normaliser
from .partitioned_machine import PartitionedMachine

JOINT = 0


class Step(NamedTuple):
    """One step's gradients by name, its loss (T,), and its reconstruction (T, B, V)."""

    gradients: dict[str, Tensor]
    loss_T: Tensor
    reconstruction_TBV: Tensor


class GreedyMachine(PartitionedMachine):
    """L layers, the first L phases of training one after another, and joint training for the rest.

    Phase l = 1 … L trains layer l on the codes of the layers below by contrastive divergence
    (Hinton, Osindero & Teh 2006, section 4); which phase an epoch belongs to follows from its
    number alone. A machine that began from a trained stack has only the joint phase.

    What ``gradients`` reports belongs to the phase. ``reconstruction_error`` is that of the layers
    trained so far, up to the one in training and down again: in joint training the whole network's,
    as it is in :meth:`evaluate` throughout. ``loss`` is the function whose gradient, at fixed
    states, is descended.
    """

    bounded = True
    hidden = default(64)
    batch_size = default(10)
    optimiser = default("momentum")
    learning_rate = default(0.05)
    momentum = default(0.9)
    layers: tuple[int, ...] = widths(
        (128,), meaning="sizes of the layers between input and code, the lowest first",
        unit="hidden units",
    )  # fmt: skip
    pretraining_epochs: int = structural(
        5, low=0, high=100_000,
        meaning="epochs of greedy pretraining for each layer, at most an equal share of all epochs "
        "among the layers and joint training",
        unit="epochs", reference="Hinton, Osindero & Teh 2006",
    )  # fmt: skip
    gibbs_steps: int = structural(
        1, low=1, high=1000, meaning="full Gibbs steps of each negative phase (the k of CD-k)",
        unit="Gibbs steps", reference="Hinton 2002",
    )  # fmt: skip
    joint_rate: Tensor = number(
        0.1, low=0.0,
        meaning="factor on the gradients of joint training (adam does not feel it)",
        unit="share of the learning rate", logarithmic=True,
    )  # fmt: skip

    began: bool = False
    """Whether it began from a trained stack."""

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse a machine of one layer."""
        super().check(values)
        if not values["layers"]:
            raise HyperparameterError(
                "layers", "must name at least one layer below the code", [],
                "A machine of one layer is a `bernoulli_rbm`.",
            )  # fmt: skip

    def phase(self, epoch: int) -> int:
        """The layer, from 1, that an epoch trains; JOINT where it trains all of them."""
        depth = len(self.layers) + 1
        each = 0 if self.began else min(self.pretraining_epochs, self.epochs // (depth + 1))
        return JOINT if epoch > each * depth else (epoch - 1) // each + 1

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The gradients of this epoch's phase; other parameters have none.

        Reports ``loss`` and ``reconstruction_error``.
        """
        phase = self.phase(draws.epoch)
        step = self.pretrain(phase, x_TBV, draws) if phase else self.join(x_TBV, draws)
        gradients = step.gradients
        if phase == JOINT:
            gradients = {n: g.mul(column(self.joint_rate, g)) for n, g in gradients.items()}
        error_T = (step.reconstruction_TBV - x_TBV).square().sum(-1).mean(-1)
        return gradients, {"loss": step.loss_T, "reconstruction_error": error_T}

    def first_weight(
        self, name: str, visible: int, hidden: int, draws: Draws, *, sees_input: bool
    ) -> Tensor:
        """(T, visible, hidden) from N(0, 0.01²) where the layer sees the input (Hinton 2012, 8).

        Deeper layers start from N(0, 2/(visible + hidden)): what they see is nearly the same for
        all samples, and from smaller weights their units take many epochs to part.
        """
        scale = 0.01 if sees_input else (2 / (visible + hidden)) ** 0.5
        normal = draws.normal(f"initialise/{name}", visible, hidden)
        weight = (scale * normal).expand(self.trials, -1, -1)
        return interleaved(weight) if sees_input else weight.clone()

    @abstractmethod
    def pretrain(self, layer: int, x_TBV: Tensor, draws: Draws) -> Step:
        """A step of one layer, from 1, alone."""

    @abstractmethod
    def join(self, x_TBV: Tensor, draws: Draws) -> Step:
        """A step of all layers together."""

    def log_likelihood_bound(self, v_TBV: Tensor, normaliser: Normaliser | None = None) -> Tensor:
        """A lower bound of log p(v), (T, B), in nats.

        With log Z exact where one side of the undirected machine has at most 20 units, else
        estimated at 1 000 temperatures by 100 chains.

        Args:
            normaliser: log Z where it is known, and says whether it is reliable.
        """
        return self.log_normalised(v_TBV, normaliser)

    def accept(self, layers: Sequence[Network], doubling: Sequence[str]) -> None:
        """Check that these networks are what this machine can be composed of, and begin.

        Args:
            layers: as given to :meth:`begin_from`.
            doubling: which input each of them must have doubled, lowest first.

        Raises:
            InputError: others than Bernoulli RBMs, of other widths, or doubled otherwise.
        """
        require_stack(self, layers)
        sizes = tuple(layer.hidden for layer in layers[:-1])
        if sizes != self.layers:
            raise InputError(self.name, f"needs layers of {list(self.layers)}", list(sizes))
        for depth, (layer, expected) in enumerate(zip(layers, doubling, strict=True), 1):
            if not isinstance(layer, BernoulliRBM) or layer.hidden_units != "bernoulli":
                rule = f"needs a bernoulli_rbm with binary hidden units as layer {depth}"
                raise InputError(self.name, rule, layer.name)
            found = layer.doubling
            if found != expected:
                rule = f"needs layer {depth} trained with doubling {expected}"
                remedy = f"Write `doubling: {expected}` in that layer's stage."
                raise InputError(self.name, rule, found, remedy)
        self.began = True
