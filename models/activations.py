"""Elementwise activations, and their slopes written in terms of their own output.

The slope in terms of the output is what makes the contractive penalty cheap: s'(a) needs no
second pass through the encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """An elementwise function h = s(a) as a network uses it.

    Attributes:
        apply: s, same shape in and out.
        slope: s'(a) in terms of h = s(a).
        bend: s''(a)/s'(a) in terms of h, the slope's own slope ∂s'/∂h.
        gain: factor on Glorot's uniform range of first weights.
    """

    apply: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    bend: Callable[[Tensor], Tensor]
    gain: float


ACTIVATIONS: Final[dict[str, Activation]] = {
    "identity": Activation(lambda a: a, torch.ones_like, torch.zeros_like, 1.0),
    # Glorot & Bengio 2010: a sigmoid's slope at rest is 1/4, hence four times tanh's range.
    "sigmoid": Activation(torch.sigmoid, lambda h: h * (1 - h), lambda h: 1 - 2 * h, 4.0),
    "tanh": Activation(torch.tanh, lambda h: 1 - h * h, lambda h: -2 * h, 1.0),
    # He et al. 2015: half of the units are silent, hence √2.
    "relu": Activation(torch.relu, lambda h: (h > 0).to(h.dtype), torch.zeros_like, 2.0**0.5),
}
