"""A stage, whole: parents' codes → train a cohort → store. Needs no Ray."""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...models.checkpoint import checkpoint, restore_all
from ...models.measures.examination import LEARNT, evenly, examine
from ...models.network import NUMERICS, Network
from ...models.training import Epoch, Samples, Training
from ..data import DataSet
from ..plan.cohorts import Cohort
from ..plan.network import network_of
from ..plan.trial import Trial
from ..store.store import Entry, Store
from .trained import estimator

SPLITS = ("train", "validation", "test")


class CohortRun:
    """Trains the trials of a cohort and puts them into the store, all or none.

    Args:
        cohort: what to train.
        data: the data set at the root of the tree.
        store: where parents are read from and results go.
        device: where the tensors live.
    """

    def __init__(
        self, cohort: Cohort, data: DataSet, store: Store, device: torch.device | None = None
    ) -> None:
        self.cohort = cohort
        self.store = store
        self.device = device or torch.device("cpu")
        self.epoch = -1
        self.started = time.time()
        self._network = network_of(cohort.trials, self.device, self._load)
        self._labels = {split: self._class_numbers(data, split) for split in SPLITS}
        self._inputs = {split: self._samples(data, split) for split in SPLITS}
        self._training = Training(
            self._network,
            self._inputs["train"],
            self._inputs["validation"],
            int(cohort.trials[0].settings["epochs"]),
        )
        self._epochs = iter(self._training)
        self._histories: list[dict[str, list[tuple[int, float]]]] = [{} for _ in cohort.trials]
        self._diverged: dict[int, int] = {}

    @property
    def epochs(self) -> int:
        """How many epochs the cohort trains."""
        return self._training.epochs

    def advance(self, seconds: float) -> bool:
        """Train for about that long; True when the cohort is done and stored."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            epoch = next(self._epochs, None)
            if epoch is None:
                self._finish()
                return True
            self._note(epoch)
        return False

    def _note(self, epoch: Epoch) -> None:
        self.epoch = epoch.number
        self._diverged |= dict.fromkeys(epoch.diverged, epoch.number)
        for name, values in epoch.metrics.items():
            for trial, value in zip(epoch.trials, values.tolist(), strict=True):
                self._histories[trial].setdefault(name, []).append((epoch.number, value))
        if epoch.number == 0:
            self._measure_test()

    def _measure_test(self) -> None:
        network, alive = self._network, self._training.trials
        samples = self._inputs["test"].select(alive).all()
        train = self._inputs["train"].select(alive)
        measured = network.evaluate(samples, train.first(samples.shape[1]))
        labels = self._labels["test"]
        if network.supervised and labels is not None:
            measured |= network.supervised_measures(samples, labels)
        self._add("test", measured)

    def _examine(self) -> None:
        """The measures that are taken once, at the end."""
        alive = self._training.trials
        train = self._inputs["train"].select(alive)
        # As many as an examination learns from: all codes of all trials may fill the memory.
        rows = evenly(torch.arange(train.x_PNV.shape[1], device=self.device), LEARNT)
        learnt, labels = train.batch(rows[None]), self._labels["train"]
        learnt_labels = None if labels is None else labels[rows]
        for split in ("validation", "test"):
            samples = self._inputs[split].select(alive).all()
            found = examine(self._network, learnt, samples, learnt_labels, self._labels[split])
            self._add(split, found)

    def _add(self, split: str, measured: Mapping[str, Tensor]) -> None:
        """Note measures (T,) of the trials that are still there, at this epoch."""
        for name, value in measured.items():
            for trial, number in zip(
                self._training.trials, value.cpu().double().tolist(), strict=True
            ):
                points = self._histories[trial].setdefault(f"{split}/{name}", [])
                points.append((self.epoch, number))

    def _finish(self) -> None:
        alive = self._training.trials
        if alive:
            if self.epoch > 0:
                self._measure_test()
            self._examine()
        ended = time.time()
        entries = []
        for index, trial in enumerate(self.cohort.trials):
            if index in self._diverged:
                arrays: dict[str, np.ndarray] = {}
            else:
                arrays = checkpoint(self._network, alive.index(index))
            entries.append(Entry(trial.key, self._manifest(trial, index, ended), arrays))
        self.store.put_all(entries)

    def _manifest(self, trial: Trial, index: int, ended: float) -> dict[str, Any]:
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
            "history": self._histories[index],
            "diverged_at": self._diverged.get(index),
            "cohort": self.cohort.name,
            "trials_in_cohort": len(self.cohort.trials),
            "started": self.started,
            "ended": ended,
            "worker": f"{socket.gethostname()}:{os.getpid()}",
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
        }

    def _samples(self, data: DataSet, split: str) -> Samples:
        """What the cohort reads: the data, or joined codes; with labels where they teach it."""
        inputs = list(dict.fromkeys(trial.inputs for trial in self.cohort.trials))
        arrays = [stage_inputs(keys, data, self.store)[split] for keys in inputs]
        dtype = self._network.dtype
        sources = [torch.tensor(array, dtype=dtype, device=self.device) for array in arrays]
        rows = {keys: row for row, keys in enumerate(inputs)}
        return Samples(
            torch.stack(sources),
            tuple(rows[trial.inputs] for trial in self.cohort.trials),
            self._labels[split] if self._network.supervised else None,
        )

    def _class_numbers(self, data: DataSet, split: str) -> Tensor | None:
        numbers = data.class_numbers
        return None if numbers is None else torch.tensor(numbers[split], device=self.device)

    def _load(self, network: Network, trials: Sequence[Trial]) -> None:
        """Give a network of the stack below the weights that its trials ended with."""
        held = {trial.key: self.store.read(trial.key).weights for trial in set(trials)}
        restore_all(network, [held[trial.key] for trial in trials])


def stage_inputs(inputs: Sequence[str], data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """What a trial reads, (N, V) for each split.

    The codes of the trials with these keys, several side by side; the data where there is none.

    Raises:
        StoreError: the store does not hold one of them.
    """
    if not inputs:
        return {split: getattr(data, split) for split in SPLITS}
    below = [codes(key, data, store) for key in inputs]
    if len(below) == 1:
        return below[0]
    return {split: np.concatenate([c[split] for c in below], axis=1) for split in SPLITS}


def codes(key: str, data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """The codes (N, H) of a finished trial for each split; computed once, then read.

    Raises:
        StoreError: the store does not hold the trial, or it diverged.
    """
    held = store.codes(key)
    if held is None:
        network = estimator(key, store)
        inputs = stage_inputs(store.manifest(key)["inputs"], data, store)
        # In slices, so that the activations of a large set fit any memory.
        held = {
            split: np.concatenate([network.encode(part) for part in _slices(x)])
            for split, x in inputs.items()
        }
        store.put_codes(key, held)
    return held


def last_metrics(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The last value of every metric; nothing for a diverged trial."""
    if manifest["diverged_at"] is not None:
        return {}
    return {name: points[-1][1] for name, points in manifest["history"].items()}


def _slices(x: np.ndarray, rows: int = 10_000) -> Iterator[np.ndarray]:
    for start in range(0, len(x), rows):
        yield x[start : start + rows]
