"""Units of several kinds that stand side by side on one side of a machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..draws import Draws
from .units import Units


@dataclass(frozen=True)
class Mixed:
    """One kind after another, p(s | a) = Π_k p_k(s_k | a_k).

    Args:
        kinds: the kinds of units.
        widths: how many there are of each, in their order.
    """

    kinds: tuple[Units, ...]
    widths: tuple[int, ...]

    def mean(self, a_TBU: Tensor) -> Tensor:
        """E[s | a], each of its kind."""
        return self._each(lambda _, units, a: units.mean(a), a_TBU)

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """States s ~ p(s | a), each kind with draws of its own."""
        return self._each(lambda k, units, a: units.sample(a, draws, f"{purpose}/{k}"), a_TBU)

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """A(a) of each unit, each of its kind."""
        return self._each(lambda _, units, a: units.log_normaliser(a), a_TBU)

    def _each(self, apply: Callable[[int, Units, Tensor], Tensor], a_TBU: Tensor) -> Tensor:
        parts = enumerate(zip(self.kinds, torch.split(a_TBU, list(self.widths), -1), strict=True))
        return torch.cat([apply(k, units, a) for k, (units, a) in parts], -1)
