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

from ...models import registry
from ...models.estimator import DTYPES
from ...models.network import NUMERICS
from ...models.training import Epoch, Samples, Training
from ..data import DataSet
from ..plan.cohorts import Cohort
from ..plan.tree import Trial
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
        self._dtype = DTYPES[cohort.trials[0].dtype]
        self._inputs = {split: self._samples(data, split) for split in SPLITS}
        first = cohort.trials[0]
        self._network = registry.lookup(first.model)(
            first.visible,
            [trial.settings for trial in cohort.trials],
            [trial.seed for trial in cohort.trials],
            self._dtype,
            self.device,
        )
        self._training = Training(
            self._network,
            self._inputs["train"],
            self._inputs["validation"],
            int(first.settings["epochs"]),
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
            self._measure_test(epoch)

    def _measure_test(self, epoch: Epoch) -> None:
        test = self._inputs["test"].select(epoch.trials)
        train = self._inputs["train"].select(epoch.trials)
        samples = test.all()
        compared = train.first(samples.shape[1])
        for name, value in self._network.evaluate(samples, compared).items():
            for trial, number in zip(epoch.trials, value.cpu().double().tolist(), strict=True):
                points = self._histories[trial].setdefault(f"test/{name}", [])
                points.append((epoch.number, number))

    def _finish(self) -> None:
        alive = self._training.trials
        if alive and self.epoch > 0:
            self._measure_test(Epoch(self.epoch, alive, {}))
        ended = time.time()
        entries = []
        for index, trial in enumerate(self.cohort.trials):
            if index in self._diverged:
                weights: dict[str, np.ndarray] = {}
            else:
                weights = self._network.weights(alive.index(index))
            manifest = self._manifest(trial, index, ended)
            entries.append(Entry(trial.key, manifest, weights))
        self.store.put_all(entries)

    def _manifest(self, trial: Trial, index: int, ended: float) -> dict[str, Any]:
        return {
            "model": trial.model,
            "visible": trial.visible,
            "seed": trial.seed,
            "dtype": trial.dtype,
            "settings": dict(trial.settings),
            "parents": list(trial.parents),
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
        """The inputs of the cohort: the data, or its parents' codes joined side by side."""
        parents = list(dict.fromkeys(trial.parents for trial in self.cohort.trials))
        arrays = [stage_inputs(keys, data, self.store)[split] for keys in parents]
        sources = [torch.tensor(array, dtype=self._dtype, device=self.device) for array in arrays]
        rows = {keys: row for row, keys in enumerate(parents)}
        return Samples(torch.stack(sources), tuple(rows[t.parents] for t in self.cohort.trials))


def stage_inputs(parents: Sequence[str], data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """What a stage under these parents reads, (N, V) for each split.

    The data at a root; else the parents' codes, several side by side.

    Raises:
        StoreError: the store does not hold a parent.
    """
    if not parents:
        return {split: getattr(data, split) for split in SPLITS}
    above = [codes(key, data, store) for key in parents]
    if len(above) == 1:
        return above[0]
    return {split: np.concatenate([c[split] for c in above], axis=1) for split in SPLITS}


def codes(key: str, data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """The codes (N, H) of a finished trial for each split; computed once, then read.

    Raises:
        StoreError: the store does not hold the trial, or it diverged.
    """
    held = store.codes(key)
    if held is None:
        network = estimator(key, store)
        inputs = stage_inputs(store.manifest(key)["parents"], data, store)
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
