"""The network that an execution logged, fetched from the record, wherever that lies."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...models.errors import near_miss
from ..errors import StudyError, TrackingError
from .client import search
from .reaching import import_mlflow, is_server, reach
from .served_model import NETWORK
from .tracked_trial import shortened

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

# An execution that was broken off names a best network too, of what had been trained by then.
_WHOLE = ("FINISHED", "FAILED")
_LISTED = "layerwise status lists the executions of the record"


class LoggedNetworks:
    """The networks in the record of one study.

    Raises:
        TrackingError: MLflow cannot be reached.
        StudyError: the record holds no such study.
    """

    def __init__(self, uri: str, study: str) -> None:
        import_mlflow()
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        self._uri, self._study = uri, study
        try:
            if is_server(uri):
                reach(uri, Path())
            self._client: MlflowClient = MlflowClient(uri)
            found = self._client.get_experiment_by_name(study)
            known = [] if found else [e.name for e in self._client.search_experiments()]
        except (MlflowException, OSError) as error:
            raise self._failed(error) from error
        if found is None:
            close = near_miss(study, known)
            remedy = f"Did you mean {close!r}?" if close else "Run the study first."
            raise StudyError("study", "must be in the record", study, remedy)
        self._experiment_id = str(found.experiment_id)

    def latest(self) -> str:
        """The run id of the newest execution that was not broken off and has a network.

        Raises:
            StudyError: there is none.
        """
        query = "tags.`layerwise.kind` = 'study'"
        runs = list(search(self._client, self._experiment_id, query))
        # What a search gives has no outputs.
        for run in sorted(runs, key=lambda run: run.info.start_time, reverse=True):
            if run.info.status in _WHOLE and _model(self._client.get_run(run.info.run_id)):
                return str(run.info.run_id)
        got = ", ".join(sorted({run.info.status for run in runs})) or "none"
        rule = "must have an execution that finished and logged its best network"
        raise StudyError(self._study, rule, got, f"Run the study to its end; {_LISTED}.")

    def trial_key(self, run_id: str) -> str | None:
        """The key of the trial that a run records; None where it is an execution.

        Raises:
            StudyError: no run of this study.
        """
        run = self._run(run_id)
        if run.data.tags.get("layerwise.kind") == "trial":
            return str(run.data.tags["layerwise.key"])
        return None

    def fetch(self, run_id: str, folder: Path) -> None:
        """Put the files of an execution's network into an existing folder.

        Raises:
            StudyError: no execution of this study, or one without a network.
            TrackingError: the files cannot be had.
        """
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        model_id = _model(self._run(run_id))
        if model_id is None:
            rule = "must be an execution that logged its best network"
            raise StudyError(f"run {run_id}", rule, "one that did not", f"{_LISTED}.")
        try:
            with tempfile.TemporaryDirectory(prefix="layerwise-") as scratch:
                place = self._client.get_logged_model(model_id).artifact_location
                found = download_artifacts(
                    artifact_uri=f"{place.rstrip('/')}/{NETWORK}",
                    dst_path=scratch,
                    tracking_uri=self._uri,
                )
                for path in Path(found).iterdir():
                    shutil.copyfile(path, folder / path.name)
        except (MlflowException, OSError) as error:
            raise self._failed(error) from error

    def _run(self, run_id: str) -> Run:
        from mlflow.exceptions import MlflowException

        rule, remedy = f"must be a run of {self._study}", f"{_LISTED}."
        try:
            run = self._client.get_run(run_id)
        except MlflowException as error:
            raise StudyError("--run", rule, run_id, remedy) from error
        if str(run.info.experiment_id) != self._experiment_id:
            raise StudyError("--run", rule, run_id, remedy)
        return run

    def _failed(self, error: Exception) -> TrackingError:
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        rule = f"the network could not be fetched ({shortened(said, 300)})"
        return TrackingError(self._uri, rule)


def _model(run: Run) -> str | None:
    outputs = run.outputs.model_outputs if run.outputs else []
    return str(outputs[0].model_id) if outputs else None
