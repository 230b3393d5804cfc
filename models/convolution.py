"""Convolution along the trial axis: the maps of all trials side by side, as one convolution.

Shapes: T trials, B batch, C channels coming in, O channels going out, K kernel, Y rows and X
columns of a map; M channels of all trials side by side, the T·C of a deeper layer, or the C of an
image that all trials share. A convolution with T groups keeps the trials apart; where they share
the image it is one convolution with T·O channels going out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d, max_pool2d

from .errors import InputError

# Numbers that are worked on at a time, so that they stay in a processor's cache.
AT_A_TIME: Final = 2**21


class Size(NamedTuple):
    """Channels, rows and columns of an image or of the feature maps of one trial."""

    channels: int
    rows: int
    columns: int

    @property
    def width(self) -> int:
        """How many numbers that is."""
        return self.channels * self.rows * self.columns

    def shrunk(self, channels: int, stride: int) -> Size:
        """The maps of so many channels that a step of ``stride`` leaves, rounded up."""
        return Size(channels, -(-self.rows // stride), -(-self.columns // stride))


def image_size(where: str, visible: int, colours: int, height: int) -> Size:
    """Colours, rows and columns of an image that is written as one row of ``visible`` numbers.

    Args:
        where: whose input it is.
        visible: V, all pixels of the first colour row by row, then those of the next colour.
        colours: 0 for 1 where V is a square (or ``height`` is given), and 3 where V/3 is.
        height: rows; 0 for square images.

    Raises:
        InputError: V is no such image.
    """
    if colours == 0:
        grey = height > 0 or round(visible**0.5) ** 2 == visible
        colours = 1 if grey else 3
    pixels = visible // colours
    rows = height or round(pixels**0.5)
    size = Size(colours, rows, pixels // rows if rows else 0)
    if size.width != visible or not size.width or not (height or size.rows == size.columns):
        shape = f"{height} rows" if height else "as many rows as columns"
        raise InputError(
            where,
            f"needs images of {colours} {'colour' if colours == 1 else 'colours'} and {shape}",
            f"{visible} inputs",
            "Say what they are by `colours` and `height`.",
        )
    return size


def as_maps(x_TBV: Tensor, size: Size) -> Tensor:
    """Rows of numbers (1 or T, B, V) as maps (B, M, Y, X)."""
    return torch.unflatten(x_TBV, -1, size).transpose(0, 1).flatten(1, 2)


def as_rows(maps_BMYX: Tensor, trials: int) -> Tensor:
    """Maps of T trials side by side as rows of numbers (T, B, C·Y·X)."""
    return torch.unflatten(maps_BMYX, 1, (trials, -1)).transpose(0, 1).flatten(2)


def convolved(maps_BMYX: Tensor, weight_TOCKK: Tensor, bias_TO: Tensor, stride: int) -> Tensor:
    """Σ_c W_oc ⋆ map_c + b_o at every ``stride``-th pixel, (B, T·O, Y/stride, X/stride) rounded up.

    The maps are padded by zeros, so that a kernel of odd size K is centred on its pixel.
    """
    trials, _, channels, kernel, _ = weight_TOCKK.shape
    return conv2d(
        maps_BMYX,
        weight_TOCKK.flatten(0, 1),
        bias_TO.flatten(),
        stride=stride,
        padding=kernel // 2,
        groups=trials if maps_BMYX.shape[1] == trials * channels else 1,
    )


def spread(
    maps_BMYX: Tensor, weight_TOCKK: Tensor, bias_TC: Tensor, stride: int, size: Size
) -> Tensor:
    """The way back of :func:`convolved`, (B, T·C, Y, X) of the size given.

    A transposed convolution: with the same weight and no biases it is the adjoint of
    :func:`convolved`, as Wᵀ is of W.
    """
    trials, kernel = len(weight_TOCKK), weight_TOCKK.shape[-1]
    rows, columns = maps_BMYX.shape[2:]
    missing = (size.rows - 1 - (rows - 1) * stride, size.columns - 1 - (columns - 1) * stride)
    return conv_transpose2d(
        maps_BMYX,
        weight_TOCKK.flatten(0, 1),
        bias_TC.flatten(),
        stride=stride,
        padding=kernel // 2,
        output_padding=missing,
        groups=trials,
    )


def pooled(maps_BMYX: Tensor, stride: int) -> Tensor:
    """The largest of every ``stride`` × ``stride`` pixels, sizes rounded up."""
    pooled: Tensor = max_pool2d(maps_BMYX, stride, ceil_mode=True)
    return pooled


def in_parts(through: Callable[[Tensor], Tensor], maps_BMYX: Tensor, largest: int) -> Tensor:
    """``through(maps)``, on a processor a few samples at a time.

    Twice as fast where the maps of a whole batch of all trials are larger than the cache.

    Args:
        through: maps to maps, every sample on its own.
        maps_BMYX: maps (B, M, Y, X).
        largest: the most numbers that one sample has on its way.
    """
    if maps_BMYX.device.type != "cpu":
        return through(maps_BMYX)
    samples = max(1, AT_A_TIME // largest)
    return torch.cat([through(part) for part in torch.split(maps_BMYX, samples)])
