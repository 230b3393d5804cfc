"""Trials through MLflow's client: for servers, and for databases whose tables are not known here.

A run is not written in one step here, so each step may be the last before a crash: the key is on
the run from its creation, the points carry the trial's own timestamps, and a run that has not
ended is completed by the next execution instead of being written a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from .tracked_trial import ENDED, TrackedTrial

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

# Limits of one request, the same for every server.
_MOST_PARAMS = 100
_MOST_METRICS = 1000


def search(client: MlflowClient, experiment_id: str, query: str) -> Iterator[Run]:
    """Every run of the experiment that is not deleted and fits MLflow's query."""
    token = None
    while True:
        page = client.search_runs([experiment_id], query, max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def keep_one_of_each(client: MlflowClient, experiment_id: str) -> dict[str, tuple[str, str]]:
    """The run id and status of every trial key; a second run of a key is deleted.

    There is one where two executions created it on a server at the same moment, or where a person
    deleted a run, had it written again, and then restored what was deleted. Two that have ended
    are equal; one that is being written is somebody's, and left for later.
    """
    kept: dict[str, tuple[str, str]] = {}
    trials = list(search(client, experiment_id, "tags.`layerwise.kind` = 'trial'"))
    for run in sorted(trials, key=lambda run: run.info.status not in ENDED):
        key, status = run.data.tags["layerwise.key"], run.info.status
        if key not in kept:
            kept[key] = (run.info.run_id, status)
        elif status != "RUNNING":
            client.delete_run(run.info.run_id)
    return kept


class TrialRuns:
    """Writes trials run by run."""

    def __init__(self, client: MlflowClient, experiment_id: str) -> None:
        """Read which trials are there already."""
        self._client = client
        self._experiment_id = experiment_id
        self._known = keep_one_of_each(client, experiment_id)

    def recorded(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose run has ended."""
        return {key for key in keys if self._known.get(key, ("", ""))[1] in ENDED}

    def write(self, trials: Sequence[TrackedTrial], parent_run: str) -> None:
        """Record the trials that are not recorded yet, and complete those begun elsewhere."""
        from mlflow.entities import Metric, Param, RunTag

        for trial in trials:
            run, status = self._known.get(trial.key, ("", ""))
            if status in ENDED:
                continue
            tags = trial.tags(parent_run)
            if run:
                self._client.log_batch(run, tags=[RunTag(*tag) for tag in tags.items()])
            else:
                run = self._client.create_run(
                    self._experiment_id,
                    start_time=trial.start_ms,
                    tags=tags,
                    run_name=trial.run_name,
                ).info.run_id
                self._known[trial.key] = (run, "RUNNING")
            params = iter([Param(*param) for param in trial.params_as_text().items()])
            while some := list(islice(params, _MOST_PARAMS)):
                self._client.log_batch(run, params=some)
            metrics = iter([Metric(*point) for point in trial.points()])
            while points := list(islice(metrics, _MOST_METRICS)):
                self._client.log_batch(run, metrics=points)
            self._client.set_terminated(run, trial.status, trial.end_ms)
            self._known[trial.key] = (run, trial.status)

    def close(self) -> None:
        """Leave one run of each trial, where another execution has recorded the same meanwhile."""
        keep_one_of_each(self._client, self._experiment_id)
