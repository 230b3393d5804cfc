"""Data-parallel training: every worker takes its share of each batch, and all take the same step.

A batch of n rows is cut into W runs of neighbours, n_w rows for worker w. What a step descends and
what it remembers are means over the batch, and

mean_b = Σ_w (n_w/n) mean_w

so the shares' gradients (of autoencoders) and statistics (of Boltzmann machines), weighted by their
rows and summed by all workers, are those of one worker at the same batch, but for rounding. A
number that is no linear function of such a mean (the divergence of a unit's mean activation from a
target, a running mean that centres the gradient) is computed from the whole batch's mean, which
:meth:`Share.mean` gives. Each worker draws what the whole batch needs and keeps its own rows
(:meth:`.Draws.rows`), so that noise and chains are the same however many workers there are.

The workers' parameters never differ by a bit: all of them add the same sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.distributed import ProcessGroup


class Share:
    """The share of a worker that is alone: all rows, and nobody to ask."""

    rank = 0
    workers = 1

    def take(self, rows: int) -> slice:
        """This worker's rows of a batch of so many; the means that follow are of this batch."""
        return slice(0, rows)

    def part(self, rows: int) -> slice:
        """This worker's rows of samples that are measured; none where there are fewer than workers.

        A sum over them, put together by :meth:`summed`, is that of all samples.
        """
        return slice(0, rows)

    def mean(self, own: Tensor) -> Tensor:
        """A mean over the whole batch from that over this worker's rows, same shape.

        It can be differentiated: its derivative is that of the worker's own mean, so that gradients
        which are then averaged are the whole batch's.
        """
        return own

    def averaged(self, own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The whole batch's means from those over this worker's rows, all in one message."""
        return dict(own)

    def summed(self, own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Sums over all workers, all in one message."""
        return dict(own)

    def from_first(self, numbers: Sequence[int]) -> list[int]:
        """What the first worker gives, whole numbers, as many as here, for all to act alike."""
        return list(numbers)


ALONE = Share()


class SharedBatches(Share):
    """The share of one of several workers, all of which take every step together.

    Args:
        group: the workers; its backend decides where tensors may live (gloo: CPU, nccl: GPU).
        device: where a message that holds no tensor of the training is made.
    """

    def __init__(self, group: ProcessGroup, device: torch.device | None = None) -> None:
        self.rank = group.rank()
        self.workers = group.size()
        self._group = group
        self._device = device or torch.device("cpu")
        self._weight = 1.0

    def take(self, rows: int) -> slice:
        """This worker's rows of a batch of so many; the means that follow are of this batch.

        A batch of fewer rows than workers leaves some without; they take one that counts nothing,
        since a mean over no rows is no number.
        """
        own = self.part(rows)
        self._weight = (own.stop - own.start) / rows
        if self._weight == 0:
            first = min(own.start, rows - 1)
            return slice(first, first + 1)
        return own

    def part(self, rows: int) -> slice:
        """This worker's rows of samples that are measured; none where there are fewer than workers.

        A sum over them, put together by :meth:`summed`, is that of all samples.
        """
        return slice(self.rank * rows // self.workers, (self.rank + 1) * rows // self.workers)

    def mean(self, own: Tensor) -> Tensor:
        """A mean over the whole batch from that over this worker's rows, same shape."""
        whole = own.detach() * self._weight
        self._sum(whole)
        return own + (whole - own.detach()) if own.requires_grad else whole

    def averaged(self, own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The whole batch's means from those over this worker's rows, all in one message."""
        return self._together(own, self._weight)

    def summed(self, own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Sums over all workers, all in one message."""
        return self._together(own, 1.0)

    def from_first(self, numbers: Sequence[int]) -> list[int]:
        """What the first worker gives, whole numbers, as many as here, for all to act alike."""
        own = torch.tensor(numbers, dtype=torch.int64, device=self._device)
        if self.rank:
            own.zero_()
        self._sum(own)
        return [int(number) for number in own.tolist()]

    def _together(self, own: Mapping[str, Tensor], weight: float) -> dict[str, Tensor]:
        # One message for all: a round trip costs more than the numbers of a small network.
        # In the order of memory, so that a weight comes back laid out as it was.
        orders = {name: _order(value) for name, value in own.items()}
        laid = {name: value.permute(orders[name]) for name, value in own.items()}
        message = torch.cat([value.flatten() for value in laid.values()])
        message.mul_(weight)
        self._sum(message)
        parts = torch.split(message, [value.numel() for value in laid.values()])
        return {
            name: part.view(value.shape).permute(_inverse(orders[name]))
            for (name, value), part in zip(laid.items(), parts, strict=True)
        }

    def _sum(self, message: Tensor) -> None:
        # On a GPU the device waits for the message, the host does not.
        self._group.allreduce(message).wait()


def _order(value: Tensor) -> list[int]:
    """The axes from the one with the longest stride to the one with the shortest."""
    strides = value.stride()
    return sorted(range(value.dim()), key=lambda axis: -strides[axis])


def _inverse(order: Sequence[int]) -> list[int]:
    return [order.index(axis) for axis in range(len(order))]
