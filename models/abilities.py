"""What can be asked of a trained network only where the theory has it.

An autoencoder has a reconstruction field and no free energy; a Boltzmann machine the reverse.
``hasattr`` tells.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from .draws import Draws
from .errors import InputError, UnreliableEstimate
from .network import Network

Array = np.ndarray


class Ability:
    """A method that exists only where the variant defines one of the same name, or ``known``."""

    def __init__(
        self, method: Callable[..., Any], known: Callable[[Any], bool] | None = None
    ) -> None:
        self.method = method
        self.known = known
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, estimator: Any, owner: type) -> Any:
        if estimator is None:
            return self
        known = self.known or (lambda estimator: hasattr(estimator.variant, self.name))
        if not known(estimator):
            raise AttributeError(f"{estimator.model} has no {self.name}")
        return self.method.__get__(estimator, owner)


def ability(known: Callable[[Any], bool]) -> Callable[[Callable[..., Any]], Ability]:
    """Decorator for a method that exists where ``known`` says so."""
    return lambda method: Ability(method, known)


class Abilities(ABC):
    """The optional methods of :class:`~.estimator.Estimator`."""

    model: str

    @property
    @abstractmethod
    def variant(self) -> type[Network]:
        """The registered class."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Every hyperparameter by dotted path."""

    @abstractmethod
    def _ready(self) -> Network: ...

    @abstractmethod
    def _samples(self, x: ArrayLike) -> Tensor: ...

    @abstractmethod
    def _applied(self, method: str, x: ArrayLike, *arguments: object) -> Array: ...

    @abstractmethod
    def _called(self, method: str, *arguments: object) -> Array: ...

    @Ability
    def score(self, x: ArrayLike, y: object = None) -> Array:
        """The field r(x) − x, in the units of a score after Gaussian denoising, (N, V)."""
        return self._applied("score", x)

    @Ability
    def free_energy(self, x: ArrayLike) -> Array:
        """F(v) of each sample, (N,), in nats."""
        return self._applied("free_energy", x)

    @Ability
    def log_likelihood(self, x: ArrayLike) -> Array:
        """log p(v) of each sample, (N,), in nats.

        Exact where one side has at most 20 units, else with log Z by annealed importance sampling
        from both directions.

        Warns:
            UnreliableEstimate: the two directions disagree by more than 1 nat, or rest on too few
                effective samples.
        """
        return self._normalised("log_likelihood", x)

    @Ability
    def log_likelihood_bound(self, x: ArrayLike) -> Array:
        """A variational lower bound of log p(v) of each sample, (N,), in nats.

        log Z as in :meth:`log_likelihood`, with the same warning.
        """
        return self._normalised("log_likelihood_bound", x)

    @Ability
    def sample(self, n: int, steps: int = 1000, seed: int | None = None) -> Array:
        """n samples (n, V), as the visible units' means after that many Gibbs steps."""
        if n < 1 or steps < 1:
            raise InputError("sample", "needs at least one sample and one step", (n, steps))
        return self._called("sample", n, steps, self._draws(seed))

    @Ability
    def complete(self, x: ArrayLike, known: str) -> Array:
        """x with one modality as given, ``known`` "first" or "second", and the other made from it.

        What stands in the other modality's place, (N, V) both, is not read.
        """
        return self._applied("complete", x, known)

    @Ability
    def class_probability(self, x: ArrayLike) -> Array:
        """p(class | x), (N, classes), of a network fine-tuned for classification."""
        return self._applied("class_probability", x)

    @ability(lambda estimator: estimator.settings.get("objective") == "classification")
    def predict(self, x: ArrayLike) -> Array:
        """The likeliest class of each sample, (N,), of a network fine-tuned for classification."""
        return np.asarray(self._applied("class_probability", x).argmax(1))

    def _normalised(self, method: str, x: ArrayLike) -> Array:
        network: Any = self._ready()
        x_1NV = self._samples(x)
        with torch.no_grad():
            normaliser = network.normaliser(x_1NV)
        if not normaliser.reliable_T.all():
            low, high = normaliser.low_TB.min().item(), normaliser.high_TB.max().item()
            message = f"{self.model}: log Z, {low:.1f} to {high:.1f} nats, is unreliable"
            warnings.warn(UnreliableEstimate(message), stacklevel=3)
        return self._called(method, x_1NV, normaliser)

    def _draws(self, seed: int | None) -> Draws:
        network = self._ready()
        return Draws(network.seeds if seed is None else [seed], dtype=network.dtype)
