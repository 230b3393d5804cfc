"""Random numbers that belong to (seed, epoch, step, purpose), never to a cohort.

Trials with the same seed see the same underlying draws whatever they are trained beside (common
random numbers), so comparisons between noise levels are paired, and a trial gives the same numbers
alone, fused, resumed or on another worker.

Shapes: T trials; S distinct seeds. A draw has a leading axis of length 1 where every trial has the
same seed, else T.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

BEFORE_TRAINING = -1


class Draws:
    """The random numbers of one step of training, or of one evaluation."""

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        epoch: int = BEFORE_TRAINING,
        step: int = 0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        self.seeds = tuple(seeds)
        self.epoch = epoch
        self.step = step
        self.dtype = dtype
        self.device = device or torch.device("cpu")
        self._distinct = tuple(dict.fromkeys(self.seeds))
        self._row = [self._distinct.index(seed) for seed in self.seeds]

    def uniform(self, purpose: str, *shape: int) -> Tensor:
        """Uniform on [0, 1), shape (1 or T, *shape)."""
        return self._spread([torch.rand(shape, **self._how(s, purpose)) for s in self._distinct])

    def normal(self, purpose: str, *shape: int) -> Tensor:
        """Standard normal, shape (1 or T, *shape)."""
        return self._spread([torch.randn(shape, **self._how(s, purpose)) for s in self._distinct])

    def permutation(self, purpose: str, length: int) -> Tensor:
        """A shuffled 0…length−1 for each seed, shape (1 or T, length), integers."""
        rows = [
            torch.randperm(length, generator=self._generator(seed, purpose), device=self.device)
            for seed in self._distinct
        ]
        return self._spread(rows)

    def _how(self, seed: int, purpose: str) -> dict[str, Any]:
        return {
            "generator": self._generator(seed, purpose),
            "dtype": self.dtype,
            "device": self.device,
        }

    def _generator(self, seed: int, purpose: str) -> torch.Generator:
        name = f"{seed}/{self.epoch}/{self.step}/{purpose}".encode()
        state = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")
        # manual_seed takes the signed 64-bit range.
        return torch.Generator(self.device).manual_seed(state - 2**63)

    def _spread(self, rows: list[Tensor]) -> Tensor:
        stacked = torch.stack(rows)
        if len(rows) == 1:
            return stacked
        if len(rows) == len(self.seeds):
            return stacked
        return stacked[torch.tensor(self._row, device=self.device)]
