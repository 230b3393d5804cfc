"""What can be asked of a trained network only where the theory has it.

An autoencoder has a reconstruction field and no free energy; a Boltzmann machine the reverse.
``hasattr`` tells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .draws import Draws
from .errors import InputError
from .network import Network

Array = np.ndarray


class _WhereTheTheoryHasIt:
    """A method that exists only where the variant defines it."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, estimator: Abilities | None, owner: type) -> Any:
        if estimator is None:
            return self
        if not hasattr(estimator.variant, self.name):
            raise AttributeError(f"{estimator.variant.name} has no {self.name}")
        return self.method.__get__(estimator, owner)


class Abilities(ABC):
    """The optional methods of :class:`~.estimator.Estimator`."""

    @property
    @abstractmethod
    def variant(self) -> type[Network]:
        """The registered class."""

    @abstractmethod
    def _ready(self) -> Network: ...

    @abstractmethod
    def _applied(self, method: str, x: ArrayLike) -> Array: ...

    @abstractmethod
    def _called(self, method: str, *arguments: object) -> Array: ...

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
        draws = Draws(network.seeds if seed is None else [seed], dtype=network.dtype)
        return self._called("sample", n, steps, draws)
