"""One network as a person uses it: NumPy in, NumPy out, in scikit-learn's habit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from . import persistence, registry
from .draws import Draws
from .errors import HyperparameterError, InputError, TrialDiverged
from .network import Network
from .training import Samples, Training

DTYPES = {"float32": torch.float32, "float64": torch.float64}
Array = np.ndarray


class _WhereTheTheoryHasIt:
    """A method that exists only where the variant defines it, so that ``hasattr`` tells."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, estimator: Estimator | None, owner: type) -> Any:
        if estimator is None:
            return self
        if not hasattr(estimator.variant, self.name):
            raise AttributeError(f"{estimator.variant.name} has no {self.name}")
        return self.method.__get__(estimator, owner)


class Estimator:
    """A trainable network of one registered variant.

    Args:
        model: a registered name.
        visible: width of the input; read from the data when left out.
        seed: of the first weights, the order of the samples and all noise.
        dtype: "float32" or "float64".
        hyperparameters: as the registry declares them; parts as mappings, for example
            ``corruption={"kind": "masking", "level": 0.3}``.

    Attributes:
        settings: every hyperparameter by dotted path.
        history_: after :meth:`fit`, the training metrics, one number per epoch.

    Raises:
        UnknownModelError, HyperparameterError: what was wrong, and what would be right.
    """

    def __init__(
        self,
        model: str,
        visible: int | None = None,
        seed: int = 0,
        dtype: str = "float32",
        **hyperparameters: Any,
    ) -> None:
        self.variant = registry.lookup(model)
        if dtype not in DTYPES:
            raise HyperparameterError("dtype", "must be float32 or float64", dtype)
        if visible is not None and (not isinstance(visible, Integral) or visible < 1):
            raise HyperparameterError("visible", "must be a whole number from 1 upwards", visible)
        self.visible = visible
        self.seed = seed
        self.dtype = dtype
        self._given = registry.flatten(hyperparameters)
        self.settings = registry.resolve(self.variant, self._given)
        self.variant.check(self.settings)
        self.history_: dict[str, list[float]] = {}
        self.network_: Network | None = self._make(visible) if visible is not None else None

    def fit(self, x: ArrayLike, y: object = None) -> Self:
        """Train from the start on x (N, V); y is ignored.

        Raises:
            InputError: not a finite matrix of the right width, or data this variant cannot learn.
            TrialDiverged: the loss left the finite numbers; says in which step.
        """
        x_1NV = self._checked(x, self.visible)
        network = self._make(x_1NV.shape[2])
        history: dict[str, list[float]] = {}
        training = Training(network, Samples(x_1NV, (0,)), None, self.settings["epochs"])
        for epoch in training:
            if epoch.diverged:
                raise TrialDiverged(
                    f"{self.variant.name}, step {epoch.diverged[0]}",
                    "loss and weights must stay finite",
                    remedy="Lower the learning rate, or scale the data.",
                )
            for name, value in epoch.metrics.items():
                history.setdefault(name, []).append(float(value[0]))
        self.network_, self.history_ = network, history
        return self

    def encode(self, x: ArrayLike) -> Array:
        """The codes of x (N, V), (N, H)."""
        return self._applied("encode", x)

    def transform(self, x: ArrayLike) -> Array:
        """The codes of x; scikit-learn's word for :meth:`encode`."""
        return self.encode(x)

    def fit_transform(self, x: ArrayLike, y: object = None) -> Array:
        """:meth:`fit`, then :meth:`encode` of the same samples."""
        return self.fit(x).encode(x)

    def decode(self, code: ArrayLike) -> Array:
        """The reconstructions (N, V) from codes (N, H)."""
        return self._applied("decode", code, self.hidden_)

    def reconstruct(self, x: ArrayLike) -> Array:
        """The reconstructions of x (N, V), same shape."""
        return self._applied("reconstruct", x)

    def score_samples(self, x: ArrayLike) -> Array:
        """How well each sample fits the model, (N,); higher is better."""
        return self._applied("score_samples", x)

    @_WhereTheTheoryHasIt
    def score(self, x: ArrayLike, y: object = None) -> Array:
        """The field r(x) − x, in the units of a score after Gaussian denoising, (N, V)."""
        return self._applied("score", x)

    @_WhereTheTheoryHasIt
    def free_energy(self, x: ArrayLike) -> Array:
        """F(v) of each sample, (N,), in nats."""
        return self._applied("free_energy", x)

    @_WhereTheTheoryHasIt
    def log_likelihood(self, x: ArrayLike) -> Array:
        """log p(v) of each sample, (N,), in nats; exact, so one side may have at most 20 units."""
        return self._applied("log_likelihood", x)

    @_WhereTheTheoryHasIt
    def sample(self, n: int, steps: int = 1000, seed: int | None = None) -> Array:
        """n samples (n, V), as probabilities, after that many Gibbs steps from random states."""
        if n < 1 or steps < 1:
            raise InputError("sample", "needs at least one sample and one step", (n, steps))
        network = self._ready()
        draws = Draws([self.seed if seed is None else seed], dtype=network.dtype)
        return self._called("sample", n, steps, draws)

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
            if "weight" not in arrays or arrays["weight"].ndim != 2:
                raise InputError("set_weights(weight)", "must be given, (visible, hidden)")
            network = self._make(arrays["weight"].shape[0])
        network.set_weights(arrays)
        self.network_ = network
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments this estimator was made with, and every hyperparameter's value."""
        return {
            "model": self.variant.name,
            "visible": self.visible,
            "seed": self.seed,
            "dtype": self.dtype,
            **registry.nest(self.settings),
        }

    def set_params(self, **parameters: Any) -> Self:
        """Change arguments; the rest stays as it was, and the network is untrained afterwards."""
        own = {name: parameters.pop(name, value) for name, value in self._own_arguments().items()}
        given = {**self._given, **registry.flatten(parameters)}
        vars(self).update(vars(type(self)(**own, **registry.nest(given))))
        return self

    def __sklearn_clone__(self) -> Self:
        """An untrained copy, for scikit-learn's searches and pipelines."""
        return type(self)(**self._own_arguments(), **registry.nest(self._given))

    def save(self, folder: str | Path) -> Path:
        """Write ``model.json`` and ``weights.safetensors`` into a folder."""
        return persistence.write(Path(folder), self.configuration(), self.weights())

    def configuration(self) -> dict[str, Any]:
        """Plain values from which :meth:`restored` makes this estimator again."""
        return {
            "model": self.variant.name,
            "visible": self.visible_,
            "seed": self.seed,
            "dtype": self.dtype,
            "hyperparameters": self.settings,
        }

    @classmethod
    def restored(cls, configuration: Mapping[str, Any], weights: Mapping[str, ArrayLike]) -> Self:
        """An estimator from :meth:`configuration` and :meth:`weights`.

        Raises:
            InputError: an entry of the configuration is missing, or the weights do not fit.
        """
        names = ("model", "visible", "seed", "dtype", "hyperparameters")
        if missing := [name for name in names if name not in configuration]:
            raise InputError("configuration", f"must have {', '.join(missing)}")
        own = {name: configuration[name] for name in names[:-1]}
        return cls(**own, **registry.nest(configuration["hyperparameters"])).set_weights(weights)

    @property
    def visible_(self) -> int:
        """Width of the input of the fitted network."""
        return self._ready().visible

    @property
    def hidden_(self) -> int:
        """Width of the code of the fitted network."""
        return self._ready().hidden

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in registry.nest(self._given).items())
        return f"create({self.variant.name!r}, visible={self.visible}, seed={self.seed}{given})"

    def _own_arguments(self) -> dict[str, Any]:
        names = ("visible", "seed", "dtype")
        return {"model": self.variant.name} | {name: getattr(self, name) for name in names}

    def _make(self, visible: int) -> Network:
        return self.variant(visible, [self.settings], [self.seed], DTYPES[self.dtype])

    def _ready(self) -> Network:
        if self.network_ is None:
            raise InputError(self.variant.name, "must be fitted, or made with `visible`, first")
        return self.network_

    def _applied(self, method: str, x: ArrayLike, width: int | None = None) -> Array:
        return self._called(method, self._checked(x, width or self.visible_))

    def _called(self, method: str, *arguments: object) -> Array:
        """What a method of the network gives for its one trial."""
        with torch.no_grad():
            result: Tensor = getattr(self._ready(), method)(*arguments)
        return np.asarray(result[0].numpy())

    def _checked(self, x: ArrayLike, width: int | None) -> Tensor:
        """The samples as (1, N, V) of this estimator's precision; the array stays the caller's."""
        name = self.variant.name
        try:
            array = np.asarray(x)
        except ValueError as error:
            raise InputError(name, "needs a matrix (samples, visible)", str(error)) from error
        if array.dtype.kind not in "biuf":
            raise InputError(name, "needs a matrix of real numbers", array.dtype.name)
        if array.ndim != 2 or 0 in array.shape:
            raise InputError(name, "needs a matrix (samples, visible)", array.shape)
        if width is not None and array.shape[1] != width:
            raise InputError(name, f"needs {width} columns", array.shape[1])
        with np.errstate(over="ignore"):
            array = array.astype(self.dtype)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            row, column = bad[0].tolist()
            rule = f"needs numbers that are finite in {self.dtype}"
            raise InputError(
                name, rule, np.asarray(x)[row, column].item(), f"Row {row}, column {column}."
            )
        return torch.from_numpy(array)[None]


def create(
    name: str,
    visible: int | None = None,
    hidden: int | None = None,
    seed: int = 0,
    dtype: str = "float32",
    **hyperparameters: Any,
) -> Estimator:
    """One trainable network; everything has a default.

    Raises:
        UnknownModelError: no such name; the message suggests the nearest one.
        HyperparameterError: an unknown hyperparameter, or a value out of its range.
    """
    if hidden is not None:
        hyperparameters["hidden"] = hidden
    return Estimator(name, visible, seed, dtype, **hyperparameters)
