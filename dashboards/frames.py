"""The record of a study as tidy tables: the only way from MLflow to a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .artifacts import artifacts
from .collector import collector_paused
from .errors import RecordError
from .histories import read_histories
from .kept_histories import KeptHistories
from .memory import remembered
from .outline import inferred_study, near_miss
from .points import Points
from .unreadable import explained

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TAGS = ("key", "stage", "depth", "model", "seed", "setting", "parent_key", "cohort", "reused")
EPOCHS = ("diverged_at", "stopped_at")
INFINITE = 1.7e308
"""MLflow keeps ±inf as ±1.797e308."""
RUNS_A_PAGE = 1000
EXECUTIONS, TRIALS = (f"tags.`layerwise.kind` = '{kind}'" for kind in ("study", "trial"))
ENDED = ("FINISHED", "FAILED")
"""The states of a run that nobody writes to any more; a killed one is completed later."""


@dataclass(frozen=True)
class Frames:
    """What MLflow holds of one study, or of some runs of it.

    ``runs``: a row per trial: ``key, run_id, stage, depth, model, seed, setting, parent_key,
    cohort, reused, status, diverged_at, stopped_at`` (the epoch at which it diverged, or at which
    a rule ended it as a loser; NaN if neither), a column per parameter under its dotted path
    (numbers parsed), the last value of each metric (``validation/…``), and test metrics before
    training as ``untrained/…``. ``history``: ``key, metric, epoch, value``.
    ``study``: study.json, or as much of it as the runs tell. ``images``: (n, height, width) arrays
    by name. ``execution``: ``run_id, status, started, ended`` (pandas timestamps, UTC), ``tags``,
    ``metrics`` of the parent run, empty if there is none. ``complete``: whether study.json was
    there, which the platform writes when an execution ends. ``histories``: False where the
    histories have not been read yet; then ``history`` is empty, and nothing is ``untrained/…``.
    """

    runs: pd.DataFrame
    history: pd.DataFrame
    study: dict[str, Any]
    images: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    execution: dict[str, Any] = field(default_factory=dict)
    complete: bool = True
    histories: bool = True
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def trials(self, stage: str) -> pd.DataFrame:
        """The rows of ``runs`` that belong to a stage; nobody may write to them."""
        return _trials(self, stage)

    def stage(self, name: str) -> dict[str, Any]:
        """The entry of study.json for a stage."""
        for entry in self.study["stages"]:
            if entry["name"] == name:
                return dict(entry)
        names = [str(entry["name"]) for entry in self.study["stages"]]
        raise RecordError("stage", f"must be one of {', '.join(names)}", name)

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in the study's order."""
        return tuple(str(entry["name"]) for entry in self.study["stages"])


@remembered
def _trials(frames: Frames, stage: str) -> pd.DataFrame:
    return frames.runs[frames.runs["stage"] == stage]


def read(tracking_uri: str, study: str | Sequence[str]) -> Frames:
    """Read a study by its name (its latest execution), or the runs with the given ids.

    The latest execution is the newest parent run that has study.json; while a study's first one
    is still running there is none, and the newest parent's trials are read with a study inferred
    from them. Run ids may be those of trials, or of one execution. Raises ``RecordError`` when
    there is no such study or run.
    """
    with collector_paused():
        # Seconds of import: whoever only wants a figure of frames at hand does not pay them.
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            client = MlflowClient(tracking_uri)
            if isinstance(study, str):
                return _of_study(client, study)
            return _of_runs(client, list(study))
        except MlflowException as error:
            raise explained(error, tracking_uri) from error


def _of_study(client: MlflowClient, name: str) -> Frames:
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        raise unknown_study(client, name)
    where = [experiment.experiment_id]
    parents = search(client, where, EXECUTIONS)
    for parent in parents:
        record, images = artifacts(client, parent)
        if record:
            keys = {str(key) for key in record.get("trials", [])}
            trials = search(client, where, TRIALS)
            chosen = [run for run in trials if run.data.tags.get("layerwise.key") in keys]
            return _frames(client, chosen, record, images, parent)
    trials = search(client, where, TRIALS)
    if not trials:
        raise RecordError("study", "must have trials in MLflow", name, "Run the study first.")
    return _frames(client, trials, None, {}, parents[0] if parents else None, name)


def unknown_study(client: MlflowClient, name: str) -> RecordError:
    """The error about a study that MLflow does not hold, with the name that was likely meant."""
    known = [e.name for e in client.search_experiments(max_results=RUNS_A_PAGE)]
    likely = near_miss(name, known)
    remedy = f"Did you mean {likely!r}?" if likely else "Run the study first."
    return RecordError("study", "must be an experiment in MLflow", name, remedy)


def _of_runs(client: MlflowClient, ids: Sequence[str]) -> Frames:
    if not ids:
        raise RecordError("run ids", "must name at least one run", list(ids))
    given = [client.get_run(run_id) for run_id in ids]
    if len({run.info.experiment_id for run in given}) > 1:
        remedy = "Compare two with --compare."
        raise RecordError("run ids", "must be of one study", list(ids), remedy)
    trials = [run for run in given if run.data.tags.get("layerwise.kind") == "trial"]
    parents = [run for run in given if run.data.tags.get("layerwise.kind") == "study"]
    if not trials and not parents:
        raise RecordError("run ids", "must be runs that layerwise wrote", list(ids))
    parent = parents[0] if parents else _parent(client, trials[0])
    record, images = artifacts(client, parent) if parent is not None else ({}, {})
    if not trials and parent is not None:
        wanted = {str(key) for key in record.get("trials", [])}
        inside = search(client, [parent.info.experiment_id], TRIALS)
        trials = [
            run
            for run in inside
            if run.data.tags.get("layerwise.key") in wanted
            or (not record and run.data.tags.get("mlflow.parentRunId") == parent.info.run_id)
        ]
    if record:
        record["trials"] = [run.data.tags["layerwise.key"] for run in trials]
    name = client.get_experiment(given[0].info.experiment_id).name
    return _frames(client, trials, record or None, images, parent, name)


def _parent(client: MlflowClient, trial: Run) -> Run | None:
    parent_id = trial.data.tags.get("mlflow.parentRunId")
    return client.get_run(parent_id) if parent_id else None


def search(client: MlflowClient, experiments: list[str], condition: str) -> list[Run]:
    """All matching runs that are not deleted, newest first."""
    found: list[Run] = []
    token: str | None = None
    while True:
        page = client.search_runs(
            experiments,
            filter_string=condition,
            max_results=RUNS_A_PAGE,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        found += page
        token = page.token
        if not token:
            return found


def _frames(
    client: MlflowClient,
    trials: Sequence[Run],
    record: dict[str, Any] | None,
    images: dict[str, NDArray[np.float32]],
    parent: Run | None,
    name: str = "",
) -> Frames:
    unique = {run.data.tags.get("layerwise.key", run.info.run_id): run for run in trials}
    points = read_points(client, {run.info.run_id: run for run in unique.values()})
    history = history_frame({run.info.run_id: key for key, run in unique.items()}, points)
    runs = runs_frame(unique, history)
    question = parent.data.tags.get("mlflow.note.content", "") if parent is not None else ""
    study = record if record is not None else inferred_study(name, question, runs, params(unique))
    execution = execution_of(parent) if parent is not None else {}
    return Frames(runs, history, study, images, execution, complete=record is not None)


def read_points(client: MlflowClient, runs: Mapping[str, Run]) -> Points:
    """The histories of runs of one experiment; those that cannot change are read once."""
    if not runs:
        return Points.of([])
    experiment = next(iter(runs.values())).info.experiment_id
    updated = {
        run_id: int(run.info.end_time)
        for run_id, run in runs.items()
        if run.info.status in ENDED and run.info.end_time
    }

    def read_some(ids: Iterable[str]) -> Points:
        return read_histories(client, {run: list(runs[run].data.metrics) for run in ids})

    return KeptHistories(client.tracking_uri, experiment).read(updated, read_some, list(runs))


def execution_of(parent: Run) -> dict[str, Any]:
    """The entry ``Frames.execution`` of an execution's parent run."""
    ended = parent.info.end_time
    return {
        "run_id": parent.info.run_id,
        "status": parent.info.status,
        "started": pd.Timestamp(parent.info.start_time, unit="ms", tz="UTC"),
        "ended": pd.Timestamp(ended, unit="ms", tz="UTC") if ended else None,
        "tags": dict(parent.data.tags),
        "metrics": dict(parent.data.metrics),
    }


def params(runs: Mapping[str, Run]) -> tuple[str, ...]:
    """Every parameter that some run has, in the order of first appearance.

    Left out is what a tag or the run itself already tells under that name, as the seed.
    """
    own = {*TAGS, "run_id", "status", *EPOCHS}
    return tuple(dict.fromkeys(p for r in runs.values() for p in r.data.params if p not in own))


def runs_frame(runs: Mapping[str, Run], history: pd.DataFrame) -> pd.DataFrame:
    """The table ``Frames.runs`` of MLflow's runs by trial key."""
    tags = [run.data.tags for run in runs.values()]
    columns: dict[str, Any] = {
        name: [tag.get(f"layerwise.{name}") for tag in tags] for name in TAGS
    }
    columns["key"] = list(runs)
    columns["run_id"] = [run.info.run_id for run in runs.values()]
    columns["depth"] = [int(text or 0) for text in columns["depth"]]
    columns["seed"] = [int(text or 0) for text in columns["seed"]]
    columns["parent_key"] = [text or "" for text in columns["parent_key"]]
    columns["reused"] = [text == "true" for text in columns["reused"]]
    columns["status"] = [run.info.status for run in runs.values()]
    for name in EPOCHS:
        found = [tag.get(f"layerwise.{name}") for tag in tags]
        columns[name] = [float(text) if text else np.nan for text in found]
    given = [run.data.params for run in runs.values()]
    for name in params(runs):
        columns[name] = _parsed([own.get(name) for own in given])
    measured = [run.data.metrics for run in runs.values()]
    for name in dict.fromkeys(metric for own in measured for metric in own):
        values = np.array([own.get(name, np.nan) for own in measured], dtype=float)
        columns[name] = _with_infinities(values)
    frame = pd.DataFrame(columns)
    of_test = [str(name).startswith("test/") for name in history["metric"].cat.categories]
    tests = np.array(of_test, dtype=bool)[history["metric"].cat.codes] & (history["epoch"] == 0)
    before = history[tests].pivot_table(
        index="key", columns="metric", values="value", observed=True
    )
    for name in before.columns:
        untrained = f"untrained/{str(name).removeprefix('test/')}"
        frame[untrained] = frame["key"].map(before[name].to_dict()).astype(float)
    return frame.sort_values(["depth", "stage", "setting", "seed"], ignore_index=True)


def history_frame(key_of: Mapping[str, str], points: Points) -> pd.DataFrame:
    """The table ``Frames.history``: one row per trial, metric and epoch, the last logged wins."""
    found = points.latest(list(key_of))
    return pd.DataFrame(
        {
            "key": pd.Categorical.from_codes(found.run, pd.Index(list(key_of.values()))),
            "metric": pd.Categorical.from_codes(found.metric, pd.Index(list(found.metrics))),
            "epoch": found.step,
            "value": _with_infinities(found.value),
        }
    )


def _with_infinities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(values) > INFINITE, np.copysign(np.inf, values), values)


def _parsed(texts: Iterable[str | None]) -> list[Any]:
    """Numbers if every text that is there is one, else the texts."""
    given = list(texts)
    try:
        return [np.nan if text in (None, "None") else float(str(text)) for text in given]
    except ValueError:
        return given
