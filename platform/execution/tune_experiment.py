"""The one Ray Tune experiment of a study: our searcher, our trainable, workers that are reused."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ray import tune
from ray.tune import Stopper

from ..data import DataSet
from ..plan.cohorts import Cohort
from ..plan.schedule import Schedule
from ..plan.trial import Metrics
from ..study.study import Study
from .search import NotSaved, StageTree
from .trial import CohortTrainable

if TYPE_CHECKING:
    from .execution import Listener


def run_tune(
    *,
    study: Study,
    data: DataSet,
    store: Path,
    experiments: Path,
    schedule: Schedule,
    listener: Listener,
    finished: Callable[[Cohort], Mapping[str, Metrics]],
    stopped: Callable[[], bool],
    workers: int,
    retries: int,
) -> None:
    """Train everything the schedule releases; returns when it is done or stopped.

    Args:
        study, data, store: what is trained, on what, and where results go.
        experiments: a folder for Tune's own files, which nothing here reads back.
        schedule: the tree's state.
        listener: told of progress.
        finished: gives the last metrics of a finished cohort's trials.
        stopped: asked between events; True ends the experiment.
        workers: how many cohorts can train side by side.
        retries: how often a cohort whose worker was lost is tried again.
    """
    # With a searcher of one's own, Tune prepares one trial at a time unless told otherwise, and a
    # second worker would stay idle.
    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(workers)
    resources = study.resources
    trainable = tune.with_resources(
        tune.with_parameters(CohortTrainable, data=data, store=str(store), cpus=resources.cpus),
        {"cpu": resources.cpus, "gpu": resources.gpus},
    )
    tune.Tuner(
        trainable,
        tune_config=tune.TuneConfig(
            search_alg=StageTree(schedule, listener, finished),
            num_samples=-1,
            reuse_actors=True,
            trial_name_creator=lambda trial: f"cohort_{trial.trial_id}",
            trial_dirname_creator=lambda trial: f"cohort_{trial.trial_id}",
        ),
        run_config=tune.RunConfig(
            name="trials",
            storage_path=str(experiments),
            # No callbacks: given any, Tune imports every logger it knows, MLflow's included.
            stop=_WhenAsked(stopped),
            failure_config=tune.FailureConfig(max_failures=retries),
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            verbose=0,
        ),
    ).fit()


class _WhenAsked(NotSaved, Stopper):
    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self._stopped()
