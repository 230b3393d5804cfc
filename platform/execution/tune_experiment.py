"""The one Ray Tune experiment of a study: our searcher, our trainable, workers that are reused."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from ray import tune
from ray.tune import Stopper

from ..data import DataSet
from ..plan.cohorts import Cohort
from ..plan.schedule import Schedule
from ..plan.trial import Metrics
from ..study.study import Study
from ..study.terms import Resources
from .claims import Claims
from .search import NotSaved, StageTree, Witness
from .trial import CohortTrainable

if TYPE_CHECKING:
    from .execution import Listener


def run_tune(
    *,
    study: Study,
    data: DataSet,
    store: Path,
    rungs: Path,
    experiments: Path,
    schedule: Schedule,
    claims: Claims,
    listener: Listener,
    finished: Callable[[Cohort], Mapping[str, Metrics]],
    stopped: Callable[[], bool],
    workers: int,
    retries: int,
) -> None:
    """Train everything the schedule releases; returns when it is done or stopped.

    Args:
        study, data, store: what is trained, on what, and where results go.
        rungs: where cohorts record what their trials have reached, for others to be compared with.
        experiments: a folder for Tune's own files, which nothing here reads back.
        schedule: the tree's state.
        claims: gives its cohorts.
        listener: told of progress.
        finished: gives the last metrics of a finished cohort's trials.
        stopped: asked between events; True ends the experiment.
        workers: how many cohorts can train side by side.
        retries: how often a cohort whose worker was lost is tried again.
    """
    # With a searcher of one's own, Tune prepares one trial at a time unless told otherwise, and a
    # second worker would stay idle.
    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(workers)
    tree = StageTree(schedule, claims, listener, finished, stopped, retries)
    tune.Tuner(
        _trainable(study.resources, data, store, rungs, experiments),
        tune_config=tune.TuneConfig(
            search_alg=tree,
            scheduler=Witness(tree),
            max_concurrent_trials=workers if study.resources.workers > 1 else None,
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
            # The searcher tries again, since it may have to be with half a cohort.
            failure_config=tune.FailureConfig(max_failures=0),
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            verbose=0,
        ),
    ).fit()


def _trainable(
    resources: Resources, data: DataSet, store: Path, rungs: Path, experiments: Path
) -> Any:
    """What trains a cohort: one worker, or a driver of several, with what each of them needs."""
    places = {"store": str(store), "rungs": str(rungs)}
    if resources.workers == 1:
        given = tune.with_parameters(
            CohortTrainable, data=data, **places, cpus=resources.cpus, gpus=resources.gpus
        )
        return tune.with_resources(given, {"cpu": resources.cpus, "gpu": resources.gpus})
    # Ray Train takes seconds to import, and few studies need it.
    from .data_parallel import DRIVER, train_together

    several = tune.with_parameters(
        train_together,
        data=[ray.put(data)],
        **places,
        resources=resources,
        folder=str(experiments / "together"),
    )
    return tune.with_resources(several, DRIVER)


class _WhenAsked(NotSaved, Stopper):
    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self._stopped()
