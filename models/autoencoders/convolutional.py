"""Convolutional autoencoder: features that are the same everywhere in an image."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from ..activations import ACTIVATIONS
from ..convolution import as_maps, as_rows, convolved, image_size, in_parts, pooled, spread
from ..draws import Draws
from ..errors import HyperparameterError
from ..hyperparameter import choice, default, structural, widths
from ..registry import register
from .autoencoder import Autoencoder
from .deep import Deep


@register(
    "convolutional_autoencoder",
    equation="m_o = s(pool(Σ_c W_oc ⋆ x_c + b_o)),  x̂_c = o(Σ_o W′_oc ⋆ᵀ m_o + c_c)",
    paper="Masci, Meier, Cireşan & Schmidhuber 2011, ICANN",
)
class ConvolutionalAutoencoder(Deep):
    """m_l = s(pool(W_l ⋆ m_{l−1} + b_l)), h = s_c(m_L W + b), and the same way down.

    ⋆ᵀ is the transposed convolution, which spreads a map over ``stride`` times its rows and
    columns; tied, it has the filters of the way up, as in the paper. A row of the input is one
    image: all pixels of its first colour (red) row by row, then those of the next (green, blue).
    """

    hidden = default(32)
    layer_activation = default("tanh")
    activation = default("identity")
    colours: int = structural(
        0, low=0, high=1024, meaning="colours of the image",
        unit="colours; 0 for 1 where the input is a square, and 3 where a third of it is",
    )  # fmt: skip
    height: int = structural(
        0, low=0, high=65536, meaning="rows of the image", unit="pixels; 0 for square images"
    )
    channels: tuple[int, ...] = widths(
        (16, 32), meaning="feature maps of each convolution, the lowest first", unit="maps"
    )
    kernel: int = structural(
        3, low=1, high=31, meaning="rows and columns of a filter, an odd number", unit="pixels"
    )
    stride: int = structural(
        2, low=1, high=16, meaning="how much smaller each layer makes the image",
        unit="pixels per pixel, along rows and along columns",
    )  # fmt: skip
    pooling: str = choice(
        "max", ("max", "none"), meaning="whether the strongest of stride² pixels is kept, or the "
        "first of them", reference="Masci et al. 2011, section 3.2",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse filters without a centre, and a network without convolutions."""
        super().check(values)
        if values["kernel"] % 2 == 0:
            raise HyperparameterError("kernel", "must be odd", values["kernel"])
        if not values["channels"]:
            raise HyperparameterError("channels", "must name at least one layer", [])

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Glorot's uniform range times the activation's gain in every layer; biases at 0.

        Raises:
            InputError: the input is no image of these colours and rows.
        """
        self.sizes = [image_size(self.name, self.visible, self.colours, self.height)]
        for channels in self.channels:
            self.sizes.append(self.sizes[-1].shrunk(channels, self.stride))
        top = self.part(
            Autoencoder,
            self.sizes[-1].width,
            hidden=self.hidden,
            activation=self.activation,
            output_activation=self.layer_activation,
        )
        self.below = (top,)
        parameters: dict[str, Tensor] = {}
        for number, (below, above) in enumerate(pairwise(self.sizes), 1):
            gain = ACTIVATIONS[self.layer_activation].gain
            shape = (above.channels, below.channels, self.kernel, self.kernel)
            parameters[f"{number}.weight"] = self._filters(draws, f"{number}.weight", shape, gain)
            parameters[f"{number}.hidden_bias"] = self._zeros(above.channels)
            if not self.tied:
                name, gain = f"{number}.decoder_weight", gain if number > 1 else 1.0
                parameters[name] = self._filters(draws, name, shape, gain)
            parameters[f"{number}.decoder_bias"] = self._zeros(below.channels)
        return parameters | super().initialise(draws)

    def prefixes(self) -> tuple[str, ...]:
        """The dense layer is numbered after the convolutions."""
        return (str(len(self.channels) + 1),)

    def inner(self) -> tuple[str, ...]:
        """The dense layer stands upon the convolutions."""
        return self.prefixes()

    def encode(self, x_TBV: Tensor) -> Tensor:
        """h, (T, B, H)."""
        (top,) = self.parts()
        maps_BMYX = in_parts(self._up, as_maps(x_TBV, self.sizes[0]), self._largest())
        return top.encode(as_rows(maps_BMYX, self.trials))

    def output(self, code_TBH: Tensor) -> Tensor:
        """The image before the output activation, (T, B, V)."""
        (top,) = self.parts()
        maps_BMYX = as_maps(top.decode(code_TBH), self.sizes[-1])
        return as_rows(in_parts(self._down, maps_BMYX, self._largest()), self.trials)

    def untied(self) -> dict[str, Tensor]:
        """All parameters, each tied decoder written out."""
        filters = {
            f"{number}.decoder_weight": self.parameters[f"{number}.weight"]
            for number in range(1, len(self.sizes))
            if self.tied
        }
        return super().untied() | filters

    def _up(self, maps_BMYX: Tensor) -> Tensor:
        """From the image to the highest feature maps."""
        stride = 1 if self.pooling == "max" else self.stride
        for n in range(1, len(self.sizes)):
            weight, bias = self.parameters[f"{n}.weight"], self.parameters[f"{n}.hidden_bias"]
            maps_BMYX = convolved(maps_BMYX, weight, bias, stride)
            # The activations never fall, so the largest is the same before them, and cheaper.
            if self.pooling == "max":
                maps_BMYX = pooled(maps_BMYX, self.stride)
            maps_BMYX = ACTIVATIONS[self.layer_activation].apply(maps_BMYX)
        return maps_BMYX

    def _down(self, maps_BMYX: Tensor) -> Tensor:
        """From the highest feature maps to the image before its activation."""
        filters = "weight" if self.tied else "decoder_weight"
        for n in range(len(self.sizes) - 1, 0, -1):
            weight, bias = self.parameters[f"{n}.{filters}"], self.parameters[f"{n}.decoder_bias"]
            maps_BMYX = spread(maps_BMYX, weight, bias, self.stride, self.sizes[n - 1])
            if n > 1:
                maps_BMYX = ACTIVATIONS[self.layer_activation].apply(maps_BMYX)
        return maps_BMYX

    def _largest(self) -> int:
        """The most numbers that a sample has in any layer, of all trials."""
        layers = pairwise(self.sizes)
        return self.trials * max(above.channels * s.rows * s.columns for s, above in layers)

    def _filters(
        self, draws: Draws, name: str, shape: tuple[int, int, int, int], gain: float
    ) -> Tensor:
        """First filters (T, O, C, K, K)."""
        above, below, kernel, _ = shape
        reach = gain * (6 / ((above + below) * kernel**2)) ** 0.5
        drawn: Tensor = (2 * draws.uniform(f"initialise/{name}", *shape) - 1) * reach
        return drawn.expand(self.trials, *shape).clone()

    def _zeros(self, width: int) -> Tensor:
        return torch.zeros(self.trials, width, dtype=self.dtype, device=self.device)
