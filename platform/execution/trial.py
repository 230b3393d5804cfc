"""The trainable that a worker holds on to: one cohort after another, in the same process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ...dashboards.collector import collector_paused

# A worker imports this module before any other of what it needs, for over a second.
with collector_paused():
    import torch
    from ray import get_gpu_ids, tune

    from ..data import DataSet
    from ..plan.cohorts import Cohort
    from ..store.store import Store
    from .cohort_run import CohortRun

# How long a worker trains between two reports; long enough to cost nothing, short enough to show.
REPORT_SECONDS = 0.5


class CohortTrainable(tune.Trainable):
    """Trains the cohort in ``config["cohort"]``; torch's threads are the CPUs it was given."""

    def setup(self, config: dict[str, Any], data: DataSet, store: str, cpus: float) -> None:  # type: ignore[override]
        """Called once per worker; the data set comes from the object store, once."""
        torch.set_num_threads(max(1, math.floor(cpus)))
        self._data = data
        self._store = Store(Path(store))
        on_gpu = bool(get_gpu_ids()) and torch.cuda.is_available()
        self._device = torch.device("cuda" if on_gpu else "cpu")
        self._begin(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next cohort without a new process."""
        self._begin(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """Train for a moment and say how far the cohort is."""
        done = self._run.advance(REPORT_SECONDS)
        return {"done": done, "epoch": self._run.epoch, "epochs": self._run.epochs}

    def _begin(self, config: dict[str, Any]) -> None:
        cohort: Cohort = config["cohort"]
        self._run = CohortRun(cohort, self._data, self._store, self._device)
