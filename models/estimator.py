"""One network as a person uses it: NumPy in, NumPy out, in scikit-learn's habit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from . import persistence, registry
from .abilities import Array
from .arguments import DTYPES, Arguments
from .checkpoint import STATE, checkpoint, restore
from .errors import HyperparameterError, InputError, TrialDiverged
from .exploration import Exploration
from .matrix import as_samples
from .network import Network
from .training import Samples, Training
from .uses import Uses


class Estimator(Arguments, Exploration, Uses):
    """A trainable network of one registered variant.

    The arguments are those of :class:`~.arguments.Arguments`. As scikit-learn asks, nothing is
    checked before :meth:`fit`; :func:`create` checks at once.
    """

    def __init__(
        self,
        model: str = "autoencoder",
        visible: int | None = None,
        seed: int = 0,
        dtype: str = "float32",
        **hyperparameters: Any,
    ) -> None:
        super().__init__(model, visible, seed, dtype, **hyperparameters)
        self._below: tuple[Estimator, ...] = ()
        self._network: Network | None = None
        self._history: dict[str, list[float]] = {}

    @property
    def network_(self) -> Network | None:
        """The network with its single trial; None before it is fitted or ``visible`` is known."""
        if self._network is None and self.visible is not None:
            self._network = self._make(self.visible)
        return self._network

    @property
    def history_(self) -> dict[str, list[float]]:
        """The training metrics, one number per epoch."""
        return self._history

    def fit(self, x: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train from the start on x (N, V); y, labels from 0, only counts where it is the aim.

        Raises:
            InputError: not a finite matrix of the right width, or data this variant cannot learn.
            TrialDiverged: the loss left the finite numbers; says in which step.
        """
        settings = self.settings
        x_1NV = as_samples(x, self.model, self.visible, self._precision())
        network = self._make(x_1NV.shape[2])
        history: dict[str, list[float]] = {}
        labels = torch.as_tensor(np.asarray(y)) if network.supervised and y is not None else None
        training = Training(network, Samples(x_1NV, (0,), labels), None, settings["epochs"])
        for epoch in training:
            if epoch.diverged:
                raise TrialDiverged(
                    f"{self.model}, step {epoch.diverged[0]}",
                    "loss and weights must stay finite",
                    remedy="Lower the learning rate, or scale the data.",
                )
            for name, value in epoch.metrics.items():
                history.setdefault(name, []).append(float(value[0]))
        self._network, self._history = network, history
        return self

    def begin_from(self, layers: Sequence[Estimator]) -> Self:
        """Let training start from a trained stack, the layer that sees the data first.

        Raises:
            InputError: this variant starts from no stack, or not from this one.
        """
        self._below = tuple(layers)
        self._network = self._make(self._below[0].visible_)
        return self

    def encode(self, x: ArrayLike) -> Array:
        """The codes of x (N, V), (N, H)."""
        return self._applied("encode", x)

    def transform(self, x: ArrayLike) -> Array:
        """The codes of x; scikit-learn's word for :meth:`encode`."""
        return self.encode(x)

    def fit_transform(self, x: ArrayLike, y: ArrayLike | None = None) -> Array:
        """:meth:`fit`, then :meth:`encode` of the same samples."""
        return self.fit(x, y).encode(x)

    def decode(self, code: ArrayLike) -> Array:
        """The reconstructions (N, V) from codes (N, H)."""
        return self._called("decode", as_samples(code, self.model, self.hidden_, self.dtype))

    def reconstruct(self, x: ArrayLike) -> Array:
        """The reconstructions of x (N, V), same shape."""
        return self._applied("reconstruct", x)

    def score_samples(self, x: ArrayLike) -> Array:
        """How well each sample fits the model, (N,); higher is better."""
        return self._applied("score_samples", x)

    def weights(self) -> dict[str, Array]:
        """Copies of the parameters: ``weight`` (V, H), ``hidden_bias`` (H,), and so on."""
        return self._ready().weights()

    def set_weights(self, weights: Mapping[str, ArrayLike]) -> Self:
        """Put arrays in the place of the parameters, by the names of :meth:`weights`.

        Raises:
            InputError: a missing or unknown name, a wrong shape, or numbers that are not finite.
        """
        arrays = {name: np.asarray(value) for name, value in weights.items()}
        network = self.network_
        if network is None:
            first = arrays.get("weight", arrays.get("1.weight"))
            if first is None or first.ndim != 2:
                rule = "must be given, (visible, hidden)"
                raise InputError("set_weights(weight)", rule, remedy="Or give `visible`.")
            network = self._make(first.shape[0])
        network.set_weights(arrays)
        self._network = network
        return self

    def set_params(self, **parameters: Any) -> Self:
        """Change arguments; the rest stays as it was, and the network is untrained afterwards."""
        below = self._below
        super().set_params(**parameters)
        self._below = below
        return self

    def __sklearn_clone__(self) -> Self:
        """An untrained copy, for scikit-learn's searches and pipelines."""
        twin = type(self)(**self._own_arguments(), **self._hyperparameters)
        twin._below = self._below
        return twin

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it can encode."""
        return self._network is not None or self.visible is not None

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """A name for each unit of the code, for scikit-learn's tables."""
        return np.array([f"{self.model}{unit}" for unit in range(self.hidden_)], dtype=object)

    def save(self, folder: str | Path) -> Path:
        """Write ``model.json`` and ``weights.safetensors``, and ``inputs.json`` where known."""
        return persistence.write(Path(folder), self.configuration(), self.checkpoint(), self.inputs)

    def checkpoint(self) -> dict[str, Array]:
        """:meth:`weights`, and under ``state.…`` what else goes on, such as persistent chains."""
        return checkpoint(self._ready())

    def configuration(self) -> dict[str, Any]:
        """Plain values from which :meth:`restored` makes this estimator again."""
        configuration: dict[str, Any] = {
            "model": self.model,
            "visible": self.visible_,
            "seed": self.seed,
            "dtype": self.dtype,
            "hyperparameters": self.settings,
        }
        if self._below:
            configuration["below"] = [layer.configuration() for layer in self._below]
        return configuration

    @classmethod
    def restored(cls, configuration: Mapping[str, Any], arrays: Mapping[str, ArrayLike]) -> Self:
        """An estimator from :meth:`configuration` and :meth:`checkpoint`, or :meth:`weights`.

        Raises:
            InputError: an entry of the configuration is missing, or the arrays do not fit.
        """
        made = cls._configured(configuration)
        state = {name: np.asarray(value) for name, value in arrays.items()}
        if any(name.startswith(STATE) for name in state):
            restore(made._ready(), state)
            return made
        return made.set_weights(arrays)

    @property
    def lowest_settings(self) -> dict[str, Any]:
        """Every hyperparameter by dotted path."""
        return self.settings

    @property
    def visible_(self) -> int:
        """Width of the input of the fitted network."""
        return self._ready().visible

    @property
    def hidden_(self) -> int:
        """Width of the code of the fitted network."""
        return self._ready().hidden

    @property
    def n_features_in_(self) -> int:
        """scikit-learn's word for :attr:`visible_`; only a fitted network has it."""
        if self._network is None:
            raise AttributeError(f"{self.model} is not fitted")
        return self._network.visible

    @classmethod
    def _configured(cls, configuration: Mapping[str, Any]) -> Self:
        names = ("model", "visible", "seed", "dtype", "hyperparameters")
        if missing := [name for name in names if name not in configuration]:
            raise InputError("configuration", f"must have {', '.join(missing)}")
        own = {name: configuration[name] for name in names[:-1]}
        made = cls(**own, **registry.nest(configuration["hyperparameters"]))
        if below := configuration.get("below"):
            made.begin_from([cls._configured(layer) for layer in below])
        return made

    def _make(self, visible: int) -> Network:
        dtype = DTYPES[self._precision()]
        network = self.variant(visible, [self.settings], [self.seed], dtype)
        if self._below:
            network.begin_from([layer._ready() for layer in self._below])
        return network

    def _ready(self) -> Network:
        network = self.network_
        if network is None:
            raise InputError(self.model, "must be fitted, or made with `visible`, first")
        return network

    def _samples(self, x: ArrayLike) -> Tensor:
        return as_samples(x, self.model, self.visible_, self.dtype)

    def _applied(self, method: str, x: ArrayLike, *arguments: object) -> Array:
        return self._called(method, self._samples(x), *arguments)

    def _called(self, method: str, *arguments: object) -> Array:
        """What a method of the network gives for its one trial."""
        with torch.no_grad():
            result: Tensor = getattr(self._ready(), method)(*arguments)
        return np.asarray(result[0].numpy())


def create(
    name: str,
    visible: int | None = None,
    hidden: int | None = None,
    seed: int = 0,
    dtype: str = "float32",
    **hyperparameters: Any,
) -> Estimator:
    """One trainable network; everything has a default, and everything given is checked.

    Raises:
        UnknownModelError: no such name; the message suggests the nearest one.
        HyperparameterError: an unknown hyperparameter, or a value out of its range.
    """
    if hidden is not None:
        hyperparameters["hidden"] = hidden
    made = Estimator(name, visible, seed, dtype, **hyperparameters)
    _ = made.settings, made._precision()
    if visible is not None and (not isinstance(visible, Integral) or visible < 1):
        raise HyperparameterError("visible", "must be a whole number from 1 upwards", visible)
    return made
