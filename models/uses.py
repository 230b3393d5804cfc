"""What trained networks are used for, whether one layer or a stack of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .abilities import Array, ability
from .colouring import colourise
from .inputs import Inputs
from .retrieval import Nearest, nearest


def _colours(network: Any) -> bool:
    return bool(network.lowest_settings.get("corruption.kind") == "grey")


class Uses(ABC):
    """What follows from codes, reconstructions and scores alone."""

    inputs: Inputs | None = None
    """What its rows are, where a study has said so."""

    @property
    @abstractmethod
    def lowest_settings(self) -> Mapping[str, Any]:
        """Every hyperparameter, by dotted path, of the layer that sees the data."""

    @property
    @abstractmethod
    def visible_(self) -> int:
        """Width of the input of the fitted network."""

    @abstractmethod
    def encode(self, x: ArrayLike) -> Array:
        """The codes of x (N, V), (N, H)."""

    @abstractmethod
    def reconstruct(self, x: ArrayLike) -> Array:
        """The reconstructions of x (N, V), same shape."""

    @abstractmethod
    def score_samples(self, x: ArrayLike) -> Array:
        """How well each sample fits the model, (N,); higher is better."""

    def anomaly_score(self, x: ArrayLike) -> Array:
        """How little each sample of x (N, V) fits the model, (N,); the higher, the more anomalous.

        Minus :meth:`score_samples`: of an autoencoder, and of a stack, the reconstruction error in
        its own units (Japkowicz, Myers & Gluck 1995, IJCAI), of a restricted Boltzmann machine the
        free energy F(v) in nats, which is −log p(v) up to a constant. Scores of one network can be
        compared, those of two networks cannot.

        Raises:
            InputError: not a finite matrix of the right width.
        """
        return -self.score_samples(x)

    def retrieve(self, queries: ArrayLike, among: ArrayLike, k: int = 10) -> Nearest:
        """The k samples among (N, V) whose codes are nearest to those of the queries (Q, V).

        Returns:
            ``places`` (Q, k), rows of ``among``, the nearest first, and ``distances`` (Q, k), one
            minus the cosine of the codes, from 0 to 2.

        Raises:
            InputError: not finite matrices of the right width, or k above N.
        """
        return nearest(self.encode(queries), self.encode(among), k)

    @ability(_colours)
    def colourise(self, grey: ArrayLike) -> Array:
        """Colour images (N, 3 P), plane after plane, from 0 to 1, of grey ones (N, P).

        Luma (ITU-R BT.601) stays as given and the network adds its chroma; a colour outside 0 to 1
        is clipped. Only of networks that were trained with ``corruption.kind: grey``.

        Raises:
            InputError: images of another size, or numbers outside 0 to 1.
        """
        return np.asarray(colourise(grey, self.visible_, self.reconstruct))
