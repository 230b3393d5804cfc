"""The manifold that a trained network has learned, for a person who holds arrays."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from .abilities import Abilities, Array, ability
from .autoencoders.autoencoder import Autoencoder
from .errors import InputError
from .manifold.interpolation import interpolate_codes
from .manifold.tangent import tangents
from .manifold.traversal import observed_range, traverse
from .network import Network
from .sampling.chain import run, white_noise
from .sampling.langevin import langevin
from .sampling.walk_back import walk_back


def _denoises(estimator: Abilities) -> bool:
    return issubclass(estimator.variant, Autoencoder)


class Exploration(Abilities):
    """Samples from denoising networks, and ways through the code."""

    @ability(_denoises)
    def walk_back(self, x: ArrayLike, steps: int = 100, seed: int | None = None) -> Array:
        """Samples (N, V): chains from each x that corrupt, reconstruct and sample, step by step.

        x should be training samples: the noise that the chain adds is that of the errors on them.

        Raises:
            InputError: a network that was trained without corruption, or no step.
        """
        network, x_1NV = self._denoiser(), self._samples(x)
        draws = self._draws(seed)
        return _array(run(walk_back(network, x_1NV, draws), x_1NV, steps, draws))

    @ability(_denoises)
    def langevin(
        self, n: int, steps: int = 1000, share: float = 0.1, seed: int | None = None
    ) -> Array:
        """n samples (n, V) by Langevin steps of ``share`` · σ² along the learned score.

        They start from white noise. Needs Gaussian corruption at a level σ above 0.

        Raises:
            InputError: another corruption, a share beyond 2, or no step.
        """
        network, draws = self._denoiser(), self._draws(seed)
        start_1NV = white_noise(n, network.visible, draws)
        return _array(run(langevin(network, share), start_1NV, steps, draws))

    def traverse(self, x: ArrayLike, unit: int, places: int = 11) -> Array:
        """Reconstructions (N, places, V) while one unit goes from its least to its largest value.

        Raises:
            InputError: no such unit, or fewer than two places.
        """
        network, x_1NV = self._ready(), self._samples(x)
        low_1H, high_1H = observed_range(_encoded(network, x_1NV))
        # A unit that does not exist is refused below, in terms of the network.
        low_1, high_1 = (end[:, unit % network.hidden] for end in (low_1H, high_1H))
        return _array(traverse(network, x_1NV, unit, low_1, high_1, places))

    def interpolate(self, x: ArrayLike, y: ArrayLike, places: int = 11) -> Array:
        """Reconstructions (N, places, V) on the way from each code of x to that of y.

        Raises:
            InputError: not as many y as x, or fewer than two places.
        """
        x_1NV, y_1NV = self._samples(x), self._samples(y)
        if x_1NV.shape != y_1NV.shape:
            shape = tuple(y_1NV.shape[1:])
            raise InputError(self.model, f"needs ends of shape {tuple(x_1NV.shape[1:])}", shape)
        return _array(interpolate_codes(self._ready(), x_1NV, y_1NV, places))

    def tangents(self, x: ArrayLike, count: int = 5) -> Array:
        """The directions of the input that the code follows most, unit vectors (N, count, V).

        Raises:
            InputError: more directions than the Jacobian has.
        """
        return _array(tangents(self._ready(), self._samples(x), count).input_TBKV)

    def _denoiser(self) -> Autoencoder:
        network = self._ready()
        assert isinstance(network, Autoencoder)
        return network


@torch.no_grad()
def _encoded(network: Network, x_TNV: Tensor) -> Tensor:
    return network.encode(x_TNV)


def _array(result_TNV: Tensor) -> Array:
    return result_TNV[0].detach().numpy()
