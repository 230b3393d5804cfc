"""Workers that share batches: threads of this process, with real gloo messages between them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch.distributed as distributed

from layerwise.models.data_parallel import SharedBatches

R = TypeVar("R")


def groups(workers: int) -> list[distributed.ProcessGroupGloo]:
    """The ends of a group of so many workers."""
    store, timeout = distributed.HashStore(), datetime.timedelta(seconds=20)

    def end(rank: int) -> distributed.ProcessGroupGloo:
        return distributed.ProcessGroupGloo(store, rank, workers, timeout)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(end, range(workers)))


def together(
    ends: list[distributed.ProcessGroupGloo], work: Callable[[SharedBatches], R]
) -> list[R]:
    """What each worker makes of its share, all at the same time."""
    with ThreadPoolExecutor(len(ends)) as pool:
        return list(pool.map(lambda end: work(SharedBatches(end)), ends))
