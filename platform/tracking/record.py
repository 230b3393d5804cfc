"""The record: what was tried, how it went, and where from. Written to MLflow, and only here.

One execution of a study is a parent run; every trial key has exactly one run in the study's
experiment, one level below, whichever execution wrote it. Writing is idempotent: a study that is
run again adds what is missing, and nothing where nothing is.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..errors import TrackingError
from ..store import liveness
from .client import TrialRuns, keep_one_of_each, search
from .database import TrialTables, database_path
from .model_registry import register
from .reaching import import_mlflow, is_server, reach
from .served_model import ServedModel, log_served_model
from .tracked_execution import TrackedData, commit, write_files
from .tracked_trial import ENDED, MOST_CHARACTERS_OF_A_TAG, TrackedTrial, shortened

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["Record", "TrackedData", "TrackedTrial"]

# An execution on another host that has given no sign of life for so long is taken for dead.
LEASE_SECONDS = 3600.0
# Trials in one transaction: what a crash may cost, and how long readers may have to wait.
_TOGETHER = 100


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
        self._found: Run | None = None
        self._renewed = 0.0

    def open(
        self, plan_key: str, tags: Mapping[str, str], question: str, started: float | None = None
    ) -> None:
        """Prepare the database and the experiment, and end what dead executions left running.

        The parent run is created at once, so that MLflow shows the study while it trains, unless
        this plan was finished before: then it may turn out that there is nothing to add. Where an
        earlier attempt has created the parent run of the execution that ``tags`` names as
        ``layerwise.execution``, that one is completed. ``started`` (Unix seconds) is when the
        execution began, by default now.
        """
        import_mlflow()
        self.reach()
        with self._errors():
            from mlflow import MlflowClient

            self._client: MlflowClient = MlflowClient(self._uri)
            self._experiment_id, location = self._experiment()
            self._reap()
            self._trials = self._writer(location)
            self._plan_key = plan_key
            self._tags = {**tags, "mlflow.note.content": question}
            if started is None:
                self._tags |= commit()
            self._started = started
            self._take_up(tags.get("layerwise.execution", ""))
            self._replaying = any(
                run.info.status in ENDED
                for run in search(
                    self._client,
                    self._experiment_id,
                    f"tags.`layerwise.kind` = 'study' and tags.`layerwise.plan_key` = '{plan_key}'",
                )
            )
            if not self._replaying:
                self._begin()

    def log_trials(self, trials: Sequence[TrackedTrial]) -> None:
        """Write every trial whose key has no ended run in the experiment."""
        with self._errors():
            recorded = self._trials.recorded([trial.key for trial in trials])
            missing = [trial for trial in trials if trial.key not in recorded]
            for first in range(0, len(missing), _TOGETHER):
                self._trials.write(missing[first : first + _TOGETHER], self._begin())
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
        ended: float | None = None,
    ) -> str | None:
        """End this execution as FINISHED, FAILED or KILLED; returns the id of its parent run.

        ``summary`` becomes ``study.json``, ``images`` (float32, (n, h, w) each) ``images.npz``,
        ``study_yaml`` the file it was read from; ``ended`` (Unix seconds) is by default now. Where
        the plan was finished before and no trial was missing, nothing is added and None returned.
        """
        with self._errors():
            if self._execution is None and self._replaying:
                self._trials.close()
                return None
            run, found = self._begin(), self._found
            if found is not None and found.info.status in ENDED:
                self._trials.close()
                return run
            try:
                with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
                    write_files(Path(folder), summary, images, study_yaml)
                    self._client.log_artifacts(run, folder)
                if dataset is not None and not _has_data(found):
                    self._client.log_inputs(run, datasets=[dataset.as_input()])
                if model is not None:
                    model_id = _model_of(found) or log_served_model(
                        self._client, run, self._experiment_id, model
                    )
                    if status != "KILLED" and "key" in model.params:
                        register(self._client, self._study, model_id, model.params["key"])
                held = {} if found is None else found.data.metrics
                self._log_metrics(run, {n: v for n, v in metrics.items() if n not in held}, ended)
                self._client.set_terminated(run, status, None if ended is None else _ms(ended))
            except Exception:
                self.abandon()
                raise
            self._trials.close()
            return run

    def abandon(self) -> None:
        """End this execution without a summary, as far as that can be done. Never raises.

        As FINISHED or FAILED it would keep the next execution from writing all of it anew.
        """
        if self._execution is not None:
            with contextlib.suppress(Exception):
                # A server that does not answer would be asked for a minute.
                self.reach()
                self._client.set_terminated(self._execution, "KILLED")
                self._trials.close()

    def _log_metrics(self, run: str, metrics: Mapping[str, float], ended: float | None) -> None:
        from mlflow.entities import Metric

        now = _ms(time.time() if ended is None else ended)
        finite = {
            key: value if math.isfinite(value) else math.nan for key, value in metrics.items()
        }
        self._client.log_batch(
            run, metrics=[Metric(key, value, now, 0) for key, value in finite.items()]
        )

    def reach(self) -> None:
        """Make sure of the server or the database, which takes ten seconds at most."""
        with self._errors():
            reach(self._uri, self._artifacts)

    def _experiment(self) -> tuple[str, str]:
        from mlflow.exceptions import MlflowException

        known = self._client.get_experiment_by_name(self._study)
        if known is None:
            place = None  # a server keeps files where it was told to
            if not is_server(self._uri):
                place = (self._artifacts.absolute() / self._study).as_uri()
            # Another execution may have created it since; the second look finds out.
            with contextlib.suppress(MlflowException):
                self._client.create_experiment(self._study, artifact_location=place)
            known = self._client.get_experiment_by_name(self._study)
        if known is None:
            raise TrackingError(self._study, "MLflow did not create this experiment")
        if known.lifecycle_stage == "deleted":
            self._client.restore_experiment(known.experiment_id)
            keep_one_of_each(self._client, known.experiment_id)
        return known.experiment_id, known.artifact_location

    def _writer(self, location: str) -> _Trials:
        if self._bulk and database_path(self._uri) is not None:
            tables = TrialTables(self._uri, self._experiment_id, location)
            if tables.fits():
                return tables
            tables.close()
        return TrialRuns(self._client, self._experiment_id)

    def _take_up(self, execution: str) -> None:
        """Go on with the parent run of this very execution, where there is one."""
        if not execution.isalnum():
            return
        query = f"tags.`layerwise.execution` = '{execution}'"
        for run in search(self._client, self._experiment_id, query):
            self._execution, self._renewed = run.info.run_id, time.time()
            self._found = self._client.get_run(run.info.run_id)
            if run.info.status not in ENDED:
                # Ours from now on, lest another execution end it for the dead one's.
                self._client.set_tag(self._execution, "layerwise.process", liveness.identity())
                self._client.set_tag(self._execution, "layerwise.alive_at", str(int(self._renewed)))
                self._client.update_run(self._execution, status="RUNNING")

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
                tags={
                    key: shortened(str(tag), MOST_CHARACTERS_OF_A_TAG) for key, tag in tags.items()
                },
                start_time=None if self._started is None else _ms(self._started),
                run_name=f"{self._study} {self._plan_key[:8]}",
            )
            self._execution = run.info.run_id
        return self._execution

    def _reap(self) -> None:
        """End as KILLED the executions that died, and the trials that only they could end.

        Such a trial is completed when it is submitted again.
        """
        alive: set[str] = set()
        trials: list[Run] = []
        for run in search(self._client, self._experiment_id, "attributes.status = 'RUNNING'"):
            kind = run.data.tags.get("layerwise.kind")
            if kind == "trial":
                trials.append(run)
            elif kind == "study" and _is_alive(run):
                alive.add(run.info.run_id)
            elif kind == "study":
                self._client.set_terminated(run.info.run_id, "KILLED")
        for run in trials:
            if run.data.tags.get("mlflow.parentRunId") not in alive:
                self._client.set_terminated(run.info.run_id, "KILLED")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Everything MLflow and its database raise, as a TrackingError."""
        import sqlalchemy.exc
        from mlflow.exceptions import MlflowException

        try:
            yield
        except (MlflowException, sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise TrackingError(
                self._uri,
                f"the record could not be written ({shortened(_reason(error), 300)})",
                remedy="The trials are in the store: run the study again to record them",
            ) from error


def _reason(error: Exception) -> str:
    """The error's name and the first line of what it says."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _has_data(run: Run | None) -> bool:
    return run is not None and run.inputs is not None and bool(run.inputs.dataset_inputs)


def _model_of(run: Run | None) -> str | None:
    """The id of the network that an earlier attempt has logged."""
    if run is None or run.outputs is None or not run.outputs.model_outputs:
        return None
    return str(run.outputs.model_outputs[0].model_id)


def _is_alive(run: Run) -> bool:
    """Whether the execution behind a running parent run may still write to it."""
    alive = liveness.is_alive(run.data.tags.get("layerwise.process", ""))
    if alive is None:
        age = time.time() - float(run.data.tags.get("layerwise.alive_at", "0"))
        return age < LEASE_SECONDS
    return alive
