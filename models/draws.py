"""Random numbers that belong to (seed, epoch, step, purpose), never to a cohort.

Trials with the same seed see the same underlying draws whatever they are trained beside (common
random numbers), so comparisons between noise levels are paired, and a trial gives the same numbers
alone, fused, resumed or on another worker. They are drawn on the processor and then moved, since a
GPU's own generator would give other numbers.

Shapes: T trials; S distinct seeds. A draw has a leading axis of length 1 where every trial has the
same seed, else T.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy

import torch
from torch import Tensor

BEFORE_TRAINING = -1


class Draws:
    """The random numbers of one step of training, or of one evaluation.

    Args:
        seeds: each trial's seed.
        epoch: the epoch, from 1; ``BEFORE_TRAINING`` for first weights and evaluation.
        step: the step within the epoch, from 0.
        dtype: of the uniform and normal draws.
        device: where they go.
    """

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
        self._rows = {seed: row for row, seed in enumerate(dict.fromkeys(self.seeds))}
        self._place = ""

    def within(self, part: str) -> Draws:
        """The draws of the same step for one part of a network, apart from the other parts'."""
        inner = copy(self)
        inner._place = f"{self._place}{part}/"
        return inner

    def uniform(self, purpose: str, *shape: int) -> Tensor:
        """Uniform on [0, 1), shape (1 or T, *shape)."""
        return self._spread(
            [
                torch.rand(shape, generator=self._generator(seed, purpose), dtype=self.dtype)
                for seed in self._rows
            ]
        )

    def normal(self, purpose: str, *shape: int) -> Tensor:
        """Standard normal, shape (1 or T, *shape)."""
        return self._spread(
            [
                torch.randn(shape, generator=self._generator(seed, purpose), dtype=self.dtype)
                for seed in self._rows
            ]
        )

    def permutation(self, purpose: str, length: int) -> Tensor:
        """A shuffled 0…length−1 for each seed, shape (1 or T, length), integers."""
        return self._spread(
            [
                torch.randperm(length, generator=self._generator(seed, purpose))
                for seed in self._rows
            ]
        )

    def _generator(self, seed: int, purpose: str) -> torch.Generator:
        name = f"{seed}/{self.epoch}/{self.step}/{self._place}{purpose}".encode()
        state = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")
        # manual_seed takes the signed 64-bit range.
        return torch.Generator().manual_seed(state - 2**63)

    def _spread(self, drawn: list[Tensor]) -> Tensor:
        """One draw per seed, as (1 or T, …)."""
        stacked = torch.stack(drawn).to(self.device)
        if len(drawn) in (1, len(self.seeds)):
            return stacked
        rows = torch.tensor([self._rows[seed] for seed in self.seeds], device=self.device)
        return stacked.index_select(0, rows)
