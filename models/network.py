"""What every variant is: T networks of one shape, trained as one tensor program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from .data_parallel import ALONE, Share
from .draws import BEFORE_TRAINING, Draws
from .errors import InputError
from .hyperparameter import choice, number, structural
from .jacobian import jacobian
from .measures import measure
from .optimisers import OPTIMISERS, Optimiser
from .trial_axis import chosen
from .trial_settings import TrialSettings

if TYPE_CHECKING:
    from .autoencoders.autoencoder import Autoencoder

# Raised whenever the same key would give different numbers; part of every stage's key.
NUMERICS = 2


def require_probabilities(where: str, x_TNV: Tensor) -> None:
    """Check that inputs can be taken as probabilities.

    Raises:
        InputError: some are below 0 or above 1.
    """
    low, high = x_TNV.min().item(), x_TNV.max().item()
    if low < 0 or high > 1:
        raise InputError(
            where,
            "needs inputs from 0 to 1",
            f"a range from {low:g} to {high:g}",
            "Rescale them, or take a model for real numbers.",
        )


class Network(TrialSettings, ABC):
    """T networks of one variant and one shape.

    Every parameter has a leading trial axis of length T. Hyperparameters that are numbers are (T,)
    tensors, structures are plain values and the same for all T trials.

    Args:
        visible: width V of the input.
        trials: for each trial its resolved hyperparameters by dotted path.
        seeds: for each trial its seed.
        dtype: torch.float32 or torch.float64.

    Raises:
        HyperparameterError: trials that differ in a structure, or values that exclude one another.
        InputError: not as many seeds as trials.
    """

    name: ClassVar[str]
    equation: ClassVar[str]
    paper: ClassVar[str]
    year: ClassVar[int]
    joint: ClassVar[bool] = False
    """Whether it can start from a whole trained stack (:meth:`begin_from`) and sees its input."""
    closed_jacobian: ClassVar[bool] = False
    """Whether :meth:`jacobian_norm` costs no backward passes."""

    hidden: int = structural(64, low=1, high=65536, meaning="size of the code", unit="hidden units")
    epochs: int = structural(
        20, low=0, high=100_000, meaning="passes over the training set", unit="epochs"
    )
    batch_size: int = structural(
        100, low=1, high=1_000_000, meaning="samples per step", unit="samples"
    )
    optimiser: str = choice(
        "adam", tuple(OPTIMISERS), meaning="rule that turns gradients into steps"
    )
    learning_rate: Tensor = number(
        0.005, low=0.0, meaning="learning rate", unit="per step", logarithmic=True,
        reference="Kingma & Ba 2015 (adam); Hinton 2012, section 7 (momentum)",
    )  # fmt: skip
    learning_rate_decay: Tensor = number(
        0.0, low=0.0, high=1.0, meaning="share of the learning rate lost by the end of training",
        unit="share, in a straight line", reference="Bengio 2012, section 3.1.1",
    )  # fmt: skip
    momentum: Tensor = number(
        0.9, low=0.0, high=1.0, admits_high=False,
        meaning="momentum (for adam: its first decay rate)", unit="per step",
        reference="Hinton 2012, section 9",
    )  # fmt: skip
    weight_decay: Tensor = number(
        0.0, low=0.0, meaning="decoupled weight decay", unit="per unit of learning rate",
        logarithmic=True, reference="Loshchilov & Hutter 2019",
    )  # fmt: skip

    def __init__(
        self,
        visible: int,
        trials: Sequence[Mapping[str, Any]],
        seeds: Sequence[int],
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        if not trials or len(trials) != len(seeds):
            raise InputError(self.name, f"needs a seed for each of {len(trials)} trials", seeds)
        self.visible = visible
        self.seeds = tuple(seeds)
        self.dtype = dtype
        self.device = device or torch.device("cpu")
        self.bind(trials)
        self.state: dict[str, Tensor] = {}
        self.below: tuple[Network, ...] = ()
        self.share: Share = ALONE
        self.parameters = self.initialise(self.draws())

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Why several workers cannot share a batch of this variant; empty where they can.

        Those that can take the step of one worker with the whole batch, but for rounding
        (:mod:`.data_parallel`).

        Args:
            values: resolved hyperparameters by dotted path.
        """
        return "a step of this variant needs the whole batch in one place"

    @property
    def supervised(self) -> bool:
        """Whether training needs labels (:meth:`supervised_gradients`)."""
        return False

    @property
    def learns_from(self) -> int:
        """How many samples training sees, the first ones; 0 for all of them."""
        return 0

    @property
    def trials(self) -> int:
        """T, the length of the trial axis."""
        return len(self.seeds)

    def draws(self, epoch: int = BEFORE_TRAINING, step: int = 0) -> Draws:
        """The random numbers of one step, or those before training."""
        return Draws(self.seeds, epoch=epoch, step=step, dtype=self.dtype, device=self.device)

    def make_optimiser(self) -> Optimiser:
        """The optimiser these trials ask for."""
        return OPTIMISERS[self.optimiser](
            self.learning_rate, self.momentum, self.weight_decay, self.learning_rate_decay
        )

    def select(self, trials: Tensor) -> None:
        """Keep only these trials, by index."""
        indices = trials.tolist()
        self.seeds = tuple(self.seeds[i] for i in indices)
        self.bind([self.settings[i] for i in indices])
        self.parameters = {name: chosen(value, trials) for name, value in self.parameters.items()}
        self.state = {name: chosen(value, trials) for name, value in self.state.items()}
        for layer in self.below:
            layer.select(trials)

    def begin_from(self, layers: Sequence[Network]) -> None:
        """Take the place of a trained stack: its weights become the first weights.

        Args:
            layers: the networks of the stack with these T trials, the one that sees the input
                first; left as they are.

        Raises:
            InputError: this variant starts from no stack, or not from this one.
        """
        raise InputError(self.name, "does not start from a trained stack")

    def unrolled(self) -> Autoencoder:
        """An untied autoencoder with this network's own encode and decode, to be fine-tuned.

        Raises:
            InputError: this variant's passes are not those of an autoencoder.
        """
        raise InputError(self.name, "cannot be unrolled into an autoencoder")

    def meet(self, x_TNV: Tensor) -> None:
        """Look at the training data (1 or T, N, V) once, before the first step.

        Raises:
            InputError: data that this variant cannot learn from.
        """
        if x_TNV.shape[-1] != self.visible:
            raise InputError(self.name, f"needs inputs of width {self.visible}", x_TNV.shape[-1])

    @abstractmethod
    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """The parameters before training, by the names of :meth:`weights`."""

    @abstractmethod
    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What to descend, and what to report.

        Returns:
            gradients by parameter name (parameters without one stay as they are), and per-trial
            quantities (T,), of which ``loss`` and ``reconstruction_error`` are always there.
        """

    def supervised_gradients(
        self, x_TBV: Tensor, label_TB: Tensor, draws: Draws
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """:meth:`gradients` where the objective needs labels (1 or T, B), whole numbers from 0."""
        raise NotImplementedError(f"{self.name} learns without labels")

    def supervised_measures(self, x_TNV: Tensor, label_N: Tensor) -> dict[str, Tensor]:
        """The measures (T,) that need labels, of a network whose objective needs them."""
        raise NotImplementedError(f"{self.name} learns without labels")

    def constrain(self, draws: Draws) -> None:
        """Put the parameters back where they must be, after each step of the optimiser."""

    @abstractmethod
    def encode(self, x_TBV: Tensor) -> Tensor:
        """The code of a clean input, (T, B, H)."""

    @abstractmethod
    def decode(self, code_TBH: Tensor) -> Tensor:
        """The reconstruction from a code, (T, B, V)."""

    def jacobian(self, x_TBV: Tensor) -> Tensor:
        """∂code/∂input at each sample, (T, B, H, V)."""
        return jacobian(self.encode, x_TBV, self.trials)

    def jacobian_norm(self, x_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """‖∂code/∂input‖_F at each sample, (T, B); ``code`` is the code of x."""
        return self.jacobian(x_TBV).square().sum((2, 3)).sqrt()

    def reconstruct(self, x_TBV: Tensor) -> Tensor:
        """The reconstruction of a clean input, (T, B, V)."""
        return self.decode(self.encode(x_TBV))

    def score_samples(self, x_TBV: Tensor) -> Tensor:
        """How well each sample fits the model, (T, B); higher is better."""
        return -(self.reconstruct(x_TBV) - x_TBV).square().sum(-1)

    def evaluate(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """The measures of clean samples (1 or T, N, V), (T,) each; ``train`` is for comparison."""
        return measure(self, x_TNV)

    def final_measures(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """What this variant adds to the measures (T,) taken once, at the end of a stage."""
        return {}

    def weights(self, trial: int = 0) -> dict[str, np.ndarray]:
        """One trial's parameters as arrays of their own."""
        return {
            name: np.array(value[trial].cpu().numpy(), order="C")
            for name, value in self.parameters.items()
        }

    def set_weights(self, given: Mapping[str, np.ndarray], trial: int = 0) -> None:
        """Put arrays in the place of one trial's parameters.

        Raises:
            InputError: a missing or unknown name, a wrong shape, or numbers that are not finite.
        """
        unknown = set(given) - set(self.weights(trial))
        if unknown:
            raise InputError("set_weights", f"takes {', '.join(self.parameters)}", sorted(unknown))
        arrays = {}
        for name, parameter in self.parameters.items():
            where, shape = f"set_weights({name})", tuple(parameter.shape[1:])
            if name not in given:
                raise InputError(where, f"must be given, with shape {shape}")
            array = np.asarray(given[name])
            if array.dtype.kind not in "iuf" or array.shape != shape:
                got = f"{array.dtype.name} {array.shape}"
                raise InputError(where, f"must be numbers of shape {shape}", got)
            if not np.isfinite(array).all():
                raise InputError(where, "must be finite")
            arrays[name] = array
        for name, array in arrays.items():
            self.parameters[name][trial] = torch.tensor(array, dtype=self.dtype)
