"""The record: what was tried, how it went, and where from. Written to MLflow, and only here.

One execution of a study is a parent run; every trial key has exactly one run in the study's
experiment, one level below, whichever execution wrote it. Writing is idempotent: a study that is
run again adds what is missing, and nothing where nothing is.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from . import liveness
from .errors import TrackingError
from .served_model import ServedModel, log_served_model
from .tracked_trial import MOST_CHARACTERS_OF_A_TAG, TrackedTrial, shortened
from .tracking_client import TrialRuns
from .tracking_database import TrialTables, create_database, database_path

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["Record", "TrackedData", "TrackedTrial"]

# An execution on another host that has given no sign of life for so long is taken for dead.
LEASE_SECONDS = 3600.0


@dataclass(frozen=True)
class TrackedData:
    """The data set an execution trained on.

    ``digest`` is 64 hex digits, of which MLflow keeps 36; ``source`` is a file or the name of a
    shipped set; ``rows`` counts the samples of every split.
    """

    name: str
    digest: str
    source: str
    rows: Mapping[str, int]
    visible: int


class _Trials(Protocol):
    """Where trials are written: MLflow's tables in bulk, or MLflow's client."""

    def recorded(self, keys: Sequence[str]) -> set[str]: ...
    def write(self, trials: Sequence[TrackedTrial], parent_run: str) -> None: ...
    def close(self) -> None: ...


class Record:
    """One execution's access to the record; every method blocks, and raises TrackingError."""

    def __init__(self, uri: str, artifacts: Path, study: str, *, bulk: bool = True) -> None:
        """Name the place; nothing is touched before :meth:`open`.

        ``uri`` is ``sqlite:///…`` or a server's address; ``artifacts`` the folder for files
        (servers keep theirs); ``study`` the experiment's name. ``bulk=False`` writes through
        MLflow's client even where its tables could be written in bulk.
        """
        self._uri = uri
        self._artifacts = artifacts
        self._study = study
        self._bulk = bulk
        self._execution: str | None = None
        self._renewed = 0.0

    def open(self, plan_key: str, tags: Mapping[str, str], question: str) -> None:
        """Prepare the database and the experiment, and end what dead executions left running.

        The parent run is created at once, so that MLflow shows the study while it trains, unless
        this plan was finished before: then it may turn out that there is nothing to add.
        """
        with self._errors():
            self._reach()
            from mlflow import MlflowClient

            self._client: MlflowClient = MlflowClient(self._uri)
            self._experiment_id, location = self._experiment()
            self._trials = self._writer(location)
            self._plan_key = plan_key
            self._tags = {**tags, **_commit(), "mlflow.note.content": question}
            self._reap()
            self._replaying = any(
                run.info.status in ("FINISHED", "FAILED")
                for run in self._search(
                    f"tags.`layerwise.kind` = 'study' and tags.`layerwise.plan_key` = '{plan_key}'"
                )
            )
            if not self._replaying:
                self._begin()

    def log_trials(self, trials: Sequence[TrackedTrial]) -> None:
        """Write every trial whose key has no ended run in the experiment."""
        with self._errors():
            recorded = self._trials.recorded([trial.key for trial in trials])
            missing = [trial for trial in trials if trial.key not in recorded]
            if missing:
                self._trials.write(missing, self._begin())
            self.renew()

    def renew(self) -> None:
        """Leave a sign of life for executions on other hosts, at most once a minute."""
        if self._execution is not None and time.time() - self._renewed > 60:
            with self._errors():
                self._client.set_tag(self._execution, "layerwise.alive_at", str(int(time.time())))
                self._renewed = time.time()

    def close(
        self,
        status: str,
        summary: Mapping[str, object],
        images: Mapping[str, np.ndarray],
        metrics: Mapping[str, float],
        study_yaml: str,
        dataset: TrackedData | None = None,
        model: ServedModel | None = None,
    ) -> None:
        """End this execution as FINISHED, FAILED or KILLED, with its summary and files.

        Where the plan was finished before and no trial was missing, nothing is added. A missing
        ``model`` or ``dataset`` is left out.
        """
        with self._errors():
            try:
                if self._execution is None and self._replaying:
                    return
                run = self._begin()
                self._log_files(run, summary, images, study_yaml)
                if dataset is not None:
                    self._log_data(run, dataset)
                if model is not None:
                    log_served_model(self._client, run, self._experiment_id, model)
                now = time.time_ns() // 1_000_000
                from mlflow.entities import Metric

                self._client.log_batch(
                    run,
                    metrics=[
                        Metric(name, value if math.isfinite(value) else math.nan, now, 0)
                        for name, value in metrics.items()
                    ],
                )
                self._client.set_terminated(run, status)
            finally:
                self._trials.close()

    def _reach(self) -> None:
        """Everything that must be so before MLflow is asked for anything."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("DO_NOT_TRACK", "true")
        # Left alone, MLflow writes its log to stderr and keeps it from the handlers of the root.
        os.environ.setdefault("MLFLOW_CONFIGURE_LOGGING", "false")
        # Its own seven retries wait for four minutes when a server went away.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
        if self._uri.startswith(("http://", "https://")):
            with contextlib.suppress(urllib.error.HTTPError):  # an answer is an answer
                urllib.request.urlopen(f"{self._uri.rstrip('/')}/health", timeout=10).close()
        elif (path := database_path(self._uri)) is not None:
            create_database(path, self._artifacts)

    def _experiment(self) -> tuple[str, str]:
        from mlflow.exceptions import MlflowException

        known = self._client.get_experiment_by_name(self._study)
        if known is None:
            place = None
            if not self._uri.startswith(("http://", "https://")):
                place = f"{self._artifacts.absolute().as_uri()}/{_folder(self._study)}"
            # Another execution may have created it since; the second look finds out.
            with contextlib.suppress(MlflowException):
                self._client.create_experiment(self._study, artifact_location=place)
            known = self._client.get_experiment_by_name(self._study)
        if known is None:
            raise TrackingError(self._study, "MLflow did not create this experiment")
        if known.lifecycle_stage == "deleted":
            self._client.restore_experiment(known.experiment_id)
        return known.experiment_id, known.artifact_location

    def _writer(self, location: str) -> _Trials:
        if self._bulk and database_path(self._uri) is not None:
            tables = TrialTables(self._uri, self._experiment_id, location)
            if tables.fits():
                return tables
            tables.close()
        return TrialRuns(self._client, self._experiment_id)

    def _begin(self) -> str:
        """The id of this execution's parent run, created at the first call."""
        if self._execution is None:
            self._renewed = time.time()
            tags = {
                **self._tags,
                "layerwise.kind": "study",
                "layerwise.plan_key": self._plan_key,
                "layerwise.process": liveness.identity(),
                "layerwise.alive_at": str(int(self._renewed)),
                "mlflow.source.name": "layerwise",
                "mlflow.source.type": "LOCAL",
            }
            run = self._client.create_run(
                self._experiment_id,
                tags={key: shortened(str(tag), MOST_CHARACTERS_OF_A_TAG) for key, tag in tags.items()},
                run_name=f"{self._study} {self._plan_key[:8]}",
            )
            self._execution = run.info.run_id
        return self._execution

    def _reap(self) -> None:
        """End as KILLED the executions that died, and the trials that only they could end.

        Such a trial is completed when it is submitted again.
        """
        running = self._search("attributes.status = 'RUNNING'")
        alive = set()
        for run in running:
            if run.data.tags.get("layerwise.kind") == "study":
                if _is_alive(run):
                    alive.add(run.info.run_id)
                else:
                    self._client.set_terminated(run.info.run_id, "KILLED")
        for run in running:
            if (
                run.data.tags.get("layerwise.kind") == "trial"
                and run.data.tags.get("mlflow.parentRunId") not in alive
            ):
                self._client.set_terminated(run.info.run_id, "KILLED")

    def _search(self, query: str) -> Iterator[Run]:
        token = None
        found: list[Run] = []
        while True:
            page = self._client.search_runs(
                [self._experiment_id], query, max_results=1000, page_token=token
            )
            found += page
            token = page.token
            if not token:
                return found
