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
from collections.abc import Callable, Sequence
from copy import copy

import torch
from torch import Tensor

from .errors import InputError

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
        self._own: slice | None = None
        self._batch = 0

    def within(self, part: str) -> Draws:
        """The draws of the same step for one part of a network, apart from the other parts'."""
        inner = copy(self)
        inner._place = f"{self._place}{part}/"
        return inner

    def rows(self, own: slice, batch: int) -> Draws:
        """The draws of a batch of so many rows, of which only these are kept.

        They are what the whole batch would have drawn for these rows, whoever draws the others.
        """
        if own == slice(0, batch):
            return self
        part = copy(self)
        part._own, part._batch = own, batch
        return part

    def whole(self) -> Draws:
        """The same draws for what is no row of the batch, such as chains that persist."""
        if self._own is None:
            return self
        whole = copy(self)
        whole._own = None
        return whole

    def uniform(self, purpose: str, *shape: int, rows: int = 0) -> Tensor:
        """Uniform on [0, 1), shape (1 or T, *shape); ``rows`` is the batch's axis in the shape."""
        return self._drawn(torch.rand, purpose, shape, rows)

    def normal(self, purpose: str, *shape: int, rows: int = 0) -> Tensor:
        """Standard normal, shape (1 or T, *shape); ``rows`` is the batch's axis in the shape."""
        return self._drawn(torch.randn, purpose, shape, rows)

    def permutation(self, purpose: str, length: int) -> Tensor:
        """A shuffled 0…length−1 for each seed, shape (1 or T, length), integers."""
        return self._spread(
            [
                torch.randperm(length, generator=self._generator(seed, purpose))
                for seed in self._rows
            ]
        )

    def _drawn(
        self, draw: Callable[..., Tensor], purpose: str, shape: tuple[int, ...], rows: int
    ) -> Tensor:
        own = self._own
        if own is not None:
            if shape[rows] != own.stop - own.start:
                rule = f"must have this worker's {own.stop - own.start} rows along axis {rows}"
                raise InputError(f"draws for {self._place}{purpose}", rule, shape)
            shape = (*shape[:rows], self._batch, *shape[rows + 1 :])
        drawn = [
            draw(shape, generator=self._generator(seed, purpose), dtype=self.dtype)
            for seed in self._rows
        ]
        if own is not None:
            drawn = [all_rows.narrow(rows, own.start, own.stop - own.start) for all_rows in drawn]
        return self._spread(drawn)

    def _generator(self, seed: int, purpose: str) -> torch.Generator:
        name = f"{seed}/{self.epoch}/{self.step}/{self._place}{purpose}".encode()
        state = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")
        # manual_seed takes the signed 64-bit range.
        return torch.Generator().manual_seed(state - 2**63)

    def _spread(self, drawn: list[Tensor]) -> Tensor:
        """One draw per seed, as (1 or T, …)."""
        stacked = self._moved(torch.stack(drawn))
        if len(drawn) in (1, len(self.seeds)):
            return stacked
        rows = self._moved(torch.tensor([self._rows[seed] for seed in self.seeds]))
        return stacked.index_select(0, rows)

    def _moved(self, drawn: Tensor) -> Tensor:
        """On the device; from pinned memory, else the host would wait for the steps before."""
        if self.device.type != "cuda":
            return drawn.to(self.device)
        return drawn.pin_memory().to(self.device, non_blocking=True)
