"""A stage, whole: parents' codes → train a cohort → store. Needs no Ray."""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...models.checkpoint import checkpoint, restore_all
from ...models.data_parallel import ALONE, Share
from ...models.measures.examination import LEARNT, Examination, evenly
from ...models.network import NUMERICS, Network
from ...models.training import Epoch, Samples, Training
from ..data import DataSet
from ..plan.cohorts import Cohort
from ..plan.network import network_of
from ..plan.trial import COMPARING, STOPPED, Trial
from ..store.store import Entry, Store
from .early_stopping import EarlyStopping
from .entries import recorded_key
from .frozen_codes import SPLITS, sources


@dataclass(frozen=True)
class Left:
    """A trial that left before its last epoch: by which rule, when, and as what network."""

    rule: str
    epoch: int
    ended: float
    arrays: dict[str, np.ndarray]


class CohortRun:
    """Trains the trials of a cohort and puts them into the store, all or none.

    Args:
        cohort: what to train.
        data: the data set at the root of the tree.
        store: where parents are read from and results go.
        device: where the tensors live.
        rungs: where cohorts of the plan record what they have reached, see :mod:`.rungs`.
        share: of each batch, where several workers train the cohort together and in step. The
            first one decides what leaves, and stores.
    """

    def __init__(
        self,
        cohort: Cohort,
        data: DataSet,
        store: Store,
        device: torch.device | None = None,
        rungs: Path | None = None,
        share: Share = ALONE,
    ) -> None:
        self.cohort = cohort
        self.store = store
        self.device = device or torch.device("cpu")
        self.epoch = -1
        self.started = time.time()
        self._begun = time.monotonic()
        self._share = share
        self._network = network_of(cohort.trials, self.device, self._load)
        self._network.share = share
        self._labels = {split: self._class_numbers(data, split) for split in SPLITS}
        self._inputs = self._samples(data)
        self._training = Training(
            self._network,
            self._inputs["train"],
            self._inputs["validation"],
            int(cohort.trials[0].settings["epochs"]),
        )
        self._epochs = iter(self._training)
        self._histories: list[dict[str, list[tuple[int, float]]]] = [{} for _ in cohort.trials]
        self._stopping = EarlyStopping(cohort, rungs if share.rank == 0 else None)
        self._diverged: dict[int, tuple[int, int]] = {}
        self._left: dict[int, Left] = {}

    @property
    def epochs(self) -> int:
        """How many epochs the cohort trains."""
        return self._training.epochs

    @property
    def training(self) -> int:
        """How many of its trials are still in training."""
        return len(self._training.trials)

    def advance(self, seconds: float) -> bool:
        """Train for about that long; True when the cohort is done and stored."""
        until = time.monotonic() + seconds
        while self._share.from_first([time.monotonic() < until])[0]:
            epoch = next(self._epochs, None)
            if epoch is None:
                self._finish()
                return True
            self._note(epoch)
        return False

    def _now(self) -> float:
        """Unix seconds; a clock that is set meanwhile makes no training longer or shorter."""
        return self.started + (time.monotonic() - self._begun)

    def _note(self, epoch: Epoch) -> None:
        self.epoch = epoch.number
        self._diverged |= {trial: (epoch.number, step) for trial, step in epoch.diverged.items()}
        for name, values in epoch.metrics.items():
            for trial, value in zip(epoch.trials, values.tolist(), strict=True):
                self._histories[trial].setdefault(name, []).append((epoch.number, value))
        if epoch.number == 0:
            self._measure_test(self._network, self._training.trials)
        leaving = self._leaving(epoch)
        for trial, rule in leaving.items():
            arrays = checkpoint(self._network, epoch.trials.index(trial))
            self._left[trial] = Left(rule, epoch.number, self._now(), arrays)
        self._training.leave(leaving)

    def _leaving(self, epoch: Epoch) -> dict[int, str]:
        """The trials that leave now, by rule; all workers follow the first one's comparisons."""
        found = self._stopping.after(epoch) if self._share.rank == 0 else {}
        rules = [*self.cohort.trials[0].stop]
        if self._share.workers == 1 or not rules:
            return found
        numbers = [rules.index(found[i]) if i in found else -1 for i in epoch.trials]
        decided = zip(epoch.trials, self._share.from_first(numbers), strict=True)
        return {trial: rules[number] for trial, number in decided if number >= 0}

    def _measure_test(self, network: Network, trials: Sequence[int]) -> None:
        samples = self._inputs["test"].select(trials).all()
        train = self._inputs["train"].select(trials)
        measured = network.evaluate(samples, train.first(samples.shape[1]))
        labels = self._labels["test"]
        if network.supervised and labels is not None:
            measured |= network.supervised_measures(samples, labels)
        self._add("test", measured, trials)

    def _examine(self, network: Network, trials: Sequence[int]) -> None:
        """The measures that are taken once, at the end."""
        train = self._inputs["train"].select(trials)
        # As many as an examination learns from: all codes of all trials may fill the memory.
        rows = evenly(torch.arange(train.x_PNV.shape[1], device=self.device), LEARNT)
        labels = self._labels["train"]
        examined = Examination(
            network, train.batch(rows[None]), None if labels is None else labels[rows]
        )
        for split in ("validation", "test"):
            samples = self._inputs[split].select(trials).all()
            self._add(split, examined.of(samples, self._labels[split]), trials)

    def _add(self, split: str, measured: Mapping[str, Tensor], trials: Sequence[int]) -> None:
        """Note measures (T,) of these trials, at the last epoch of each."""
        for name, value in measured.items():
            for trial, number in zip(trials, value.cpu().double().tolist(), strict=True):
                points = self._histories[trial].setdefault(f"{split}/{name}", [])
                points.append((self._last_epoch(trial), number))

    def _last_epoch(self, trial: int) -> int:
        if trial in self._diverged:
            return self._diverged[trial][0]
        return self._left[trial].epoch if trial in self._left else self.epoch

    def _finish(self) -> None:
        alive = self._training.trials
        arrays = {trial: checkpoint(self._network, row) for row, trial in enumerate(alive)}
        arrays |= {trial: left.arrays for trial, left in self._left.items()}
        lost = [trial for trial, left in self._left.items() if left.rule in COMPARING]
        done = [trial for trial in sorted(arrays) if trial not in lost]
        if lost:
            self._measure_test(self._again(lost, arrays), lost)
        if done:
            whole = self._network if len(done) == len(alive) else self._again(done, arrays)
            if self.epoch > 0:
                self._measure_test(whole, done)
            self._examine(whole, done)
        if self._share.rank > 0:
            return
        ended = self._now()
        trained = sum(self._last_epoch(index) for index in range(len(self.cohort.trials)))
        entries = []
        for index, trial in enumerate(self.cohort.trials):
            manifest = self._manifest(trial, ended) | self._end(index, ended, trained)
            key = recorded_key(trial, manifest)
            entries.append(Entry(key, manifest, arrays.get(index, {})))
        self.store.put_all(entries)
        self._stopping.close()

    def _again(self, trials: Sequence[int], arrays: Mapping[int, dict[str, np.ndarray]]) -> Network:
        """One network of trials that did not leave together, each as it was at its last epoch."""
        network = network_of([self.cohort.trials[i] for i in trials], self.device, self._load)
        restore_all(network, [arrays[i] for i in trials])
        return network

    def _end(self, index: int, ended: float, trained: int) -> dict[str, Any]:
        """What became of a trial, and its share of the epochs that all trained together."""
        diverged_at, diverged_step = self._diverged.get(index, (None, None))
        left = self._left.get(index)
        lost = left if left is not None and left.rule in COMPARING else None
        return {
            "history": self._histories[index],
            "diverged_at": diverged_at,
            "diverged_step": diverged_step,
            STOPPED: None if lost is None else lost.epoch,
            "stopped_by": None if lost is None else lost.rule,
            "plateau_at": left.epoch if left is not None and lost is None else None,
            "left": ended if left is None else left.ended,
            "share": self._last_epoch(index) / trained if trained else 1 / len(self._histories),
        }

    def _manifest(self, trial: Trial, ended: float) -> dict[str, Any]:
        return {
            "model": trial.model,
            "visible": trial.visible,
            "seed": trial.seed,
            "dtype": trial.dtype,
            "settings": dict(trial.settings),
            "parents": list(trial.parents),
            "inputs": list(trial.inputs),
            "setting": trial.setting,
            "numerics": NUMERICS,
            "cohort": self.cohort.name,
            "trials_in_cohort": len(self.cohort.trials),
            "started": self.started,
            "ended": ended,
            "worker": f"{socket.gethostname()}:{os.getpid()}",
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
        }

    def _samples(self, data: DataSet) -> dict[str, Samples]:
        """What the cohort reads: the data, or joined codes; with labels where they teach it."""
        inputs = list(dict.fromkeys(trial.inputs for trial in self.cohort.trials))
        found = sources(inputs, data, self.store, self._network.dtype, self.device)
        rows = {keys: row for row, keys in enumerate(inputs)}
        source = tuple(rows[trial.inputs] for trial in self.cohort.trials)
        labels = self._labels if self._network.supervised else dict.fromkeys(SPLITS)
        return {split: Samples(x, source, labels[split]) for split, x in found.items()}

    def _class_numbers(self, data: DataSet, split: str) -> Tensor | None:
        numbers = data.class_numbers
        return None if numbers is None else torch.tensor(numbers[split], device=self.device)

    def _load(self, network: Network, trials: Sequence[Trial]) -> None:
        """Give a network of the stack below the weights that its trials ended with."""
        held = {trial.key: self.store.read(trial.key).weights for trial in set(trials)}
        restore_all(network, [held[trial.key] for trial in trials])
