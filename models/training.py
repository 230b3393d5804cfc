"""Training a cohort: epochs of shuffled batches, measures after each, and trials that leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from .allocation import keep_freed_memory
from .draws import Draws
from .errors import InputError
from .network import Network


@dataclass(frozen=True)
class Samples:
    """The inputs of a cohort: P sources of N samples, and which source each trial reads.

    Trials of a first stage all read the data set (P = 1). Trials of a deeper stage read the codes
    of their parents, one source per parent. Labels, whole numbers from 0, are the same for all.
    """

    x_PNV: Tensor
    source: tuple[int, ...]
    label_N: Tensor | None = None

    def __post_init__(self) -> None:
        if self.x_PNV.dim() != 3 or 0 in self.x_PNV.shape:
            raise InputError(
                "samples", "must have shape (sources, samples, visible)", tuple(self.x_PNV.shape)
            )
        if not set(self.source) <= set(range(len(self.x_PNV))):
            rule = f"must point at one of {len(self.x_PNV)} sources"
            raise InputError("samples", rule, self.source)
        if self.label_N is not None and self.label_N.shape != self.x_PNV.shape[1:2]:
            rule = f"needs a label for each of {self.x_PNV.shape[1]} samples"
            raise InputError("samples", rule, tuple(self.label_N.shape))

    @cached_property
    def shared(self) -> bool:
        """Whether every trial reads the same source."""
        return len(set(self.source)) == 1

    def all(self) -> Tensor:
        """All samples, (1 or T, N, V)."""
        return self.first(self.x_PNV.shape[1])

    def first(self, count: int) -> Tensor:
        """At most that many samples, (1 or T, count, V)."""
        if self.shared:
            return self.x_PNV[self.source[0], None, :count]
        return self.x_PNV[:, :count][self._sources]

    def batch(self, rows: Tensor) -> Tensor:
        """The samples at rows (1 or T, B), as (1 or T, B, V)."""
        if not self.shared:
            return self.x_PNV[self._sources[:, None], rows]
        found = self.x_PNV[self.source[0]].index_select(0, rows.flatten())
        return found.view(*rows.shape, -1)

    def leading(self, count: int) -> Samples:
        """The first ``count`` samples only; all of them where that is 0."""
        if not count:
            return self
        labels = None if self.label_N is None else self.label_N[:count]
        return Samples(self.x_PNV[:, :count], self.source, labels)

    def select(self, trials: Sequence[int]) -> Samples:
        """The samples of these trials only."""
        return Samples(self.x_PNV, tuple(self.source[i] for i in trials), self.label_N)

    @cached_property
    def _sources(self) -> Tensor:
        return torch.tensor(self.source, device=self.x_PNV.device)


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands after an epoch: going on from it gives the same bits.

    ``steps`` are those of the optimiser, ``taken`` those of each parameter. ``tensors`` holds the
    parameters, the state and the optimiser's memory, (T, …) each, under ``parameters/…``,
    ``state/…`` and ``optimiser/…``.
    """

    epoch: int
    steps: int
    taken: dict[str, int]
    trials: tuple[int, ...]
    tensors: dict[str, Tensor]


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch; epoch 0 is before training."""

    number: int
    trials: tuple[int, ...]
    metrics: dict[str, np.ndarray]
    diverged: dict[int, int] = field(default_factory=dict)


class Training:
    """A cohort in training: ``for epoch in Training(...)`` trains one epoch per turn.

    Trials are addressed by their index in the cohort as it started. A trial whose loss leaves the
    finite numbers is reported once in ``Epoch.diverged`` with its step, and leaves the tensor
    program; between epochs others may be made to (:meth:`leave`). Their siblings do not notice.

    Args:
        network: the cohort before training.
        train, validation: the samples it learns from and is measured on.
        epochs: how many epochs.
        resume: where an earlier training of the same cohort stood; it goes on with the next epoch.

    Raises:
        InputError: the objective needs labels and the samples have none.
    """

    def __init__(
        self,
        network: Network,
        train: Samples,
        validation: Samples | None,
        epochs: int,
        resume: Checkpoint | None = None,
    ) -> None:
        if network.supervised and train.label_N is None:
            raise InputError(network.name, "needs labelled samples for this objective")
        keep_freed_memory()
        train = train.leading(network.learns_from)
        self.network = network
        self.train = train
        self.validation = validation
        self.epochs = epochs
        self.trials = tuple(range(network.trials))
        self.steps_per_epoch = -(-train.x_PNV.shape[1] // network.batch_size)
        self.epoch = 0
        self._optimiser = network.make_optimiser()
        self._resume = resume

    def __iter__(self) -> Iterator[Epoch]:
        self.network.meet(self.train.all())
        if self._resume is None:
            yield self._epoch(0, {}, {})
        else:
            self._go_on(self._resume)
        for number in range(self.epoch + 1, self.epochs + 1):
            if not self.trials:
                return
            reported, diverged = self._train(number)
            self.epoch = number
            yield self._epoch(number, reported, diverged)

    def leave(self, trials: Collection[int]) -> None:
        """Let trials leave the tensor program between two epochs, which then has fewer rows.

        Their weights, state, optimiser's memory and samples go with them: what is wanted of them
        is to be taken before. When all have left, the training ends.

        Raises:
            InputError: a trial that is not there (any more).
        """
        unknown = set(trials) - set(self.trials)
        if unknown:
            rule = f"takes trials that are still in training, {self.trials}"
            raise InputError("leave", rule, sorted(unknown))
        if trials:
            self._keep([i for i, trial in enumerate(self.trials) if trial not in trials])

    def checkpoint(self) -> Checkpoint:
        """Where this training stands, after the epoch it gave last."""
        found = {
            "parameters": self.network.parameters,
            "state": self.network.state,
            "optimiser": self._optimiser.memory,
        }
        tensors = {
            f"{of}/{name}": v.clone() for of, held in found.items() for name, v in held.items()
        }
        optimiser = self._optimiser
        return Checkpoint(self.epoch, optimiser.steps, dict(optimiser.taken), self.trials, tensors)

    def _go_on(self, checkpoint: Checkpoint) -> None:
        if checkpoint.trials != self.trials:
            self._keep([self.trials.index(trial) for trial in checkpoint.trials])
        self.epoch, self._optimiser.steps = checkpoint.epoch, checkpoint.steps
        self._optimiser.taken = dict(checkpoint.taken)
        for name, tensor in checkpoint.tensors.items():
            of, _, own = name.partition("/")
            held = {
                "parameters": self.network.parameters,
                "state": self.network.state,
                "optimiser": self._optimiser.memory,
            }[of]
            held[own] = tensor.clone()

    def _train(self, number: int) -> tuple[dict[str, Tensor], dict[int, int]]:
        network, size = self.network, self.network.batch_size
        samples = self.train.x_PNV.shape[1]
        order = network.draws(number).permutation("order", samples)
        totals: dict[str, Tensor] = {}
        bad_step = torch.full((network.trials,), -1, device=network.device)
        for step in range(self.steps_per_epoch):
            rows = order[:, step * size : (step + 1) * size]
            draws = network.draws(number, step)
            gradients, reported = self._gradients(rows, draws)
            progress = (number - 1 + step / self.steps_per_epoch) / self.epochs
            self._optimiser.step(network.parameters, gradients, progress)
            network.constrain(draws)
            share = rows.shape[1] / samples
            for name, value in reported.items():
                totals[name] = totals[name] + share * value if name in totals else share * value
            lost = (bad_step < 0) & ~reported["loss"].isfinite()
            bad_step = torch.where(lost, (number - 1) * self.steps_per_epoch + step, bad_step)
        return totals, self._drop(totals, bad_step)

    def _gradients(self, rows: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What :meth:`.Network.gradients` gives for a batch, whoever else has a share in it."""
        network, batch = self.network, rows.shape[1]
        own = network.share.take(batch)
        rows, draws = rows[:, own], draws.rows(own, batch)
        x = self.train.batch(rows)
        if network.supervised and self.train.label_N is not None:
            labels = self.train.label_N[rows]
            gradients, reported = network.supervised_gradients(x, labels, draws)
        else:
            gradients, reported = network.gradients(x, draws)
        return network.share.averaged(gradients), network.share.averaged(reported)

    def _drop(self, totals: dict[str, Tensor], bad_step: Tensor) -> dict[int, int]:
        """Let diverged trials leave the cohort; returns their steps by trial."""
        finite = torch.stack(
            [p.flatten(1).isfinite().all(1) for p in self.network.parameters.values()]
        ).all(0)
        last = self._optimiser.steps - 1
        steps = torch.where((bad_step < 0) & ~finite, last, bad_step).tolist()
        diverged = {self.trials[i]: step for i, step in enumerate(steps) if step >= 0}
        if diverged:
            kept = [i for i, step in enumerate(steps) if step < 0]
            index = self._keep(kept)
            for name in totals:
                totals[name] = totals[name][index]
        return diverged

    def _keep(self, kept: Sequence[int]) -> Tensor:
        """Let the other trials leave; returns the index of those that stay."""
        index = torch.tensor(kept, dtype=torch.long, device=self.network.device)
        self.trials = tuple(self.trials[i] for i in kept)
        self.train = self.train.select(kept)
        if self.validation is not None:
            self.validation = self.validation.select(kept)
        self._optimiser.select(index)
        if kept:
            self.network.select(index)
        return index

    def _epoch(self, number: int, reported: dict[str, Tensor], diverged: dict[int, int]) -> Epoch:
        metrics = {f"train/{name}": value for name, value in reported.items()}
        if self.trials and self.validation is not None:
            samples = self.validation.all()
            measured = self.network.evaluate(samples, self.train.first(samples.shape[1]))
            if self.network.supervised and self.validation.label_N is not None:
                measured |= self.network.supervised_measures(samples, self.validation.label_N)
            metrics |= {f"validation/{name}": value for name, value in measured.items()}
        # One transfer for all measures: on a GPU each .cpu() would wait for the device.
        names = list(metrics)
        table = torch.stack([metrics[name] for name in names]).cpu().double() if names else None
        arrays = {} if table is None else dict(zip(names, table.numpy(), strict=True))
        return Epoch(number, self.trials, arrays, diverged)
