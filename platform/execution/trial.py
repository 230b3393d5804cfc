"""The trainable that a worker holds on to: one cohort after another, in the same process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...dashboards.collector import collector_paused

# A worker imports this module before any other of what it needs, for over a second.
with collector_paused(kept=True):
    from ray import get_gpu_ids, tune

    from ...models.allocation import out_of_memory
    from ..data import DataSet
    from ..plan.cohorts import Cohort
    from ..store.store import Store
    from .cohort_run import CohortRun
    from .device import assigned, use_threads
    from .memory import forget, shortage

# How long a worker trains between two reports; long enough to cost nothing, short enough to show.
REPORT_SECONDS = 0.5


class CohortTrainable(tune.Trainable):
    """Trains the cohort in ``config["cohort"]``; torch's threads are the CPUs it was given."""

    _run: CohortRun | None

    def setup(  # type: ignore[override]
        self,
        config: dict[str, Any],
        data: DataSet,
        store: str,
        rungs: str,
        cpus: float,
        gpus: float = 0.0,
    ) -> None:
        """Called once per worker; the data set comes from the object store, once."""
        use_threads(cpus)
        self._data = data
        self._store = Store(Path(store))
        self._rungs = Path(rungs)
        self._device = assigned(get_gpu_ids(), gpus)
        self._begin(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next cohort without a new process."""
        self._begin(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """Train for a moment and say how far the cohort is, or that it does not fit the memory."""
        try:
            if self._run is None:
                self._run = CohortRun(
                    self._cohort, self._data, self._store, self._device, self._rungs
                )
            done = self._run.advance(REPORT_SECONDS)
            return progress(self._run) | {"done": done}
        except Exception as error:
            if not out_of_memory(error):
                raise
            said = str(shortage(error, self._device))
        # Only here, with the error and its frames gone, is nothing left that holds the tensors.
        self._run = None
        forget(self._device)
        return {"done": True, "did_not_fit": said}

    def _begin(self, config: dict[str, Any]) -> None:
        self._cohort: Cohort = config["cohort"]
        self._run = None


def progress(run: CohortRun) -> dict[str, Any]:
    """How far a cohort is, as Tune passes it on to the searcher."""
    return {"epoch": run.epoch, "epochs": run.epochs, "training": run.training}
