"""One network as a person uses it: NumPy in, NumPy out, in scikit-learn's habit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from . import persistence, registry
from .boltzmann.bernoulli_rbm import BernoulliRBM
from .boltzmann.likelihood import log_partition
from .draws import Draws
from .errors import HyperparameterError, InputError, TrialDiverged
from .network import Network
from .training import Samples, Training

DTYPES = {"float32": torch.float32, "float64": torch.float64}
Array = np.ndarray
F = TypeVar("F", bound=Callable[..., Any])


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
        self.visible = visible
        self.seed = seed
        self.dtype = dtype
        self.settings = registry.resolve(self.variant, registry.flatten(hyperparameters))
        self.variant.check(self.settings)
        self._given = hyperparameters
        self.history_: dict[str, list[float]] = {}
        self.network_: Network | None = self._make(visible) if visible is not None else None

    def fit(self, x: ArrayLike, y: object = None) -> Self:
        """Train from the start on x (N, V); y is ignored.

        Raises:
            InputError: not a finite matrix of the right width.
            TrialDiverged: the loss left the finite numbers; says in which step.
        """
        array = self._checked(x, self.visible)
        self.network_ = self._make(array.shape[1])
        samples = Samples(torch.from_numpy(array)[None], (0,))
        self.history_ = {}
        for epoch in Training(self.network_, samples, None, self.settings["epochs"]):
            if epoch.diverged:
                raise TrialDiverged(
                    self.variant.name,
                    "must stay finite",
                    f"a loss that did not in step {epoch.diverged[0]}",
                    "Lower the learning rate, or scale the data.",
                )
            for name, value in epoch.metrics.items():
                self.history_.setdefault(name, []).append(float(value[0]))
        return self

    def encode(self, x: ArrayLike) -> Array:
        """The codes of x (N, V), (N, H)."""
        return self._applied(lambda network, x_1NV: network.encode(x_1NV), x)

    def transform(self, x: ArrayLike) -> Array:
        """The codes of x; scikit-learn's word for :meth:`encode`."""
        return self.encode(x)

    def fit_transform(self, x: ArrayLike, y: object = None) -> Array:
        """:meth:`fit`, then :meth:`encode` of the same samples."""
        return self.fit(x).encode(x)

    def decode(self, code: ArrayLike) -> Array:
        """The reconstructions (N, V) from codes (N, H)."""
        network = self._ready()
        return self._applied(lambda network, c: network.decode(c), code, network.hidden)

    def reconstruct(self, x: ArrayLike) -> Array:
        """The reconstructions of x (N, V), same shape."""
        return self._applied(lambda network, x_1NV: network.reconstruct(x_1NV), x)

    def score_samples(self, x: ArrayLike) -> Array:
        """How well each sample fits the model, (N,); higher is better."""
        return self._applied(lambda network, x_1NV: network.score_samples(x_1NV), x)

    @_WhereTheTheoryHasIt
    def score(self, x: ArrayLike, y: object = None) -> Array:
        """The field r(x) − x, in the units of a score after Gaussian denoising, (N, V)."""
        return self._applied(lambda network, x_1NV: network.score(x_1NV), x)  # type: ignore[attr-defined]

    @_WhereTheTheoryHasIt
    def free_energy(self, x: ArrayLike) -> Array:
        """F(v) of each sample, (N,), in nats."""
        return self._applied(_boltzmann(lambda machine, v: machine.free_energy(v)), x)

    @_WhereTheTheoryHasIt
    def sample(self, n: int, steps: int = 1000, seed: int | None = None) -> Array:
        """n samples (n, V), as probabilities, after that many Gibbs steps from random states."""
        network = self._ready()
        draws = Draws([self.seed if seed is None else seed], dtype=network.dtype)
        assert isinstance(network, BernoulliRBM)
        return network.sample(n, steps, draws)[0].numpy()

    def log_likelihood(self, x: ArrayLike) -> Array:
        """log p(v) of each sample, (N,), in nats; exact, so one side may have at most 20 units."""
        network = self._ready()
        if not isinstance(network, BernoulliRBM):
            raise AttributeError(f"{self.variant.name} has no log_likelihood")
        return -self.free_energy(x) - log_partition(network).item()

    def weights(self) -> dict[str, Array]:
        """Copies of the parameters: ``weight`` (V, H), ``hidden_bias`` (H,), and so on."""
        return self._ready().weights()

    def set_weights(self, weights: Mapping[str, ArrayLike]) -> Self:
        """Put arrays in the place of the parameters, by the names of :meth:`weights`."""
        arrays = {name: np.asarray(value) for name, value in weights.items()}
        if self.network_ is None:
            if "weight" not in arrays:
                raise InputError("set_weights(weight)", "must be given")
            self.network_ = self._make(int(arrays["weight"].shape[0]))
        self.network_.set_weights(arrays)
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
        """Change arguments; the network is untrained afterwards."""
        self.__init__(**{**self.get_params(), **parameters})  # type: ignore[misc]
        return self

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
        """An estimator from :meth:`configuration` and :meth:`weights`."""
        made = cls(
            configuration["model"],
            configuration["visible"],
            configuration["seed"],
            configuration["dtype"],
            **registry.nest(configuration["hyperparameters"]),
        )
        return made.set_weights(weights)

    @property
    def visible_(self) -> int:
        """Width of the input of the fitted network."""
        return self._ready().visible

    @property
    def hidden_(self) -> int:
        """Width of the code of the fitted network."""
        return self._ready().hidden

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self._given.items())
        return f"create({self.variant.name!r}, visible={self.visible}, seed={self.seed}{given})"

    def _make(self, visible: int) -> Network:
        return self.variant(visible, [self.settings], [self.seed], DTYPES[self.dtype])

    def _ready(self) -> Network:
        if self.network_ is None:
            raise InputError(self.variant.name, "must be fitted, or made with `visible`, first")
        return self.network_

    def _applied(
        self, function: Callable[[Network, Tensor], Tensor], x: ArrayLike, width: int | None = None
    ) -> Array:
        network = self._ready()
        array = self._checked(x, network.visible if width is None else width)
        with torch.no_grad():
            return function(network, torch.from_numpy(array)[None])[0].numpy()

    def _checked(self, x: ArrayLike, width: int | None) -> Array:
        array = np.asarray(x)
        name = self.variant.name
        if array.dtype.kind not in "biuf":
            raise InputError(name, "needs a matrix of real numbers", array.dtype.name)
        if array.ndim != 2 or 0 in array.shape:
            raise InputError(name, "needs a matrix (samples, visible)", array.shape)
        if width is not None and array.shape[1] != width:
            raise InputError(name, f"needs {width} columns", array.shape[1])
        array = np.ascontiguousarray(array, dtype=self.dtype)
        if not np.isfinite(array).all():
            raise InputError(name, "needs finite numbers", "NaN or infinity")
        return array


def _boltzmann(function: Callable[[BernoulliRBM, Tensor], Tensor]) -> Any:
    return function


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
