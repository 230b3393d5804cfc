"""A study that is read again and again: only what is new of it, and nothing where nothing is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .artifacts import artifacts
from .collector import collector_paused
from .continued_study import continued
from .errors import RecordError
from .frames import (
    ENDED,
    EXECUTIONS,
    TRIALS,
    Frames,
    execution_of,
    history_frame,
    params,
    read_points,
    runs_frame,
    search,
    unknown_study,
)
from .histories import read_histories
from .outline import inferred_study
from .points import Points

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

STATES = {
    "RUNNING": "running",
    "SCHEDULED": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}
"""A person's word for MLflow's state of an execution."""
TRIAL_STATES = (
    "SELECT runs.run_uuid, runs.status, runs.end_time FROM runs JOIN tags"
    " ON tags.run_uuid = runs.run_uuid AND tags.key = 'layerwise.kind' AND tags.value = 'trial'"
    " WHERE runs.experiment_id = :experiment AND runs.lifecycle_stage = 'active'"
)
WHOLE_SECONDS = 60.0
"""A server is asked so often for all trials, as one that has ended may have been deleted."""
MOST_NAMED = 4000
"""Runs that one search may name; MLflow's parser refuses 5 000."""
SIGN_OF_LIFE = "layerwise.alive_at"
"""A tag that changes every few minutes while an execution runs, and tells nobody anything new."""

State = tuple[str, int | None]


@dataclass(frozen=True, eq=False)
class Reading:
    """A study as it was read.

    ``state``: of its newest execution, a value of ``STATES``; "finished" where trials were
    recorded without one, "empty" where there is nothing at all. ``planned``: how many trials the
    newest execution will have, None where the record does not say. ``trials``: how many there are
    in the experiment, whichever execution they belong to.
    """

    frames: Frames
    state: str
    planned: int | None
    trials: int


class Reader:
    """Reads one study as whoever watches it wants it: by its newest execution.

    While that one is running it has no study.json. Then all trials of the experiment are shown,
    its own and those of earlier executions: what it finds in the store it does not train again,
    and how much of it that is nobody knows before the end. The study is inferred from them; the
    objective, the labels, the data, and the order of stages and of swept hyperparameters come from
    the newest earlier execution that has a study.json. Once it has ended, the study is what
    :func:`.frames.read` gives, except that the runs in ``history`` stand in the order in which
    they were first seen.

    A trial that has ended, and whose end has not changed, is read once. As long as the record says
    the same, the same object is returned. Not to be used from several threads.

    ``early``: a study whose histories have more points is first read without them
    (``Frames.histories``), and with them the next time; None: never without.
    """

    def __init__(self, tracking_uri: str, study: str, early: int | None = None) -> None:
        self._uri = tracking_uri
        self._study = study
        self._early = early
        self._client: MlflowClient | None = None
        self._forget()

    def _forget(self) -> None:
        self._experiment = ""
        self._runs: dict[str, Run] = {}
        self._held = Points.of([])
        self._held_ends: dict[str, int | None] = {}
        self._whole_at: float | None = None
        self._files: dict[str, tuple[State, tuple[dict[str, Any], dict[str, Any]]]] = {}
        self._contents: object = None
        self._reading: Reading | None = None

    def read(self) -> Reading:
        """The study as it is now.

        Raises ``RecordError`` when there is no such study, or it was deleted; and whatever MLflow
        and its database raise when they cannot be read.
        """
        with collector_paused():
            if self._client is None:
                # Seconds of import.
                from mlflow import MlflowClient

                self._client = MlflowClient(self._uri)
            try:
                return self._read(self._client)
            except Exception:
                # Nobody knows what happened to the record meanwhile.
                self._whole_at = None
                raise

    def _read(self, client: MlflowClient) -> Reading:
        experiment = client.get_experiment_by_name(self._study)
        if experiment is None:
            raise unknown_study(client, self._study)
        if experiment.lifecycle_stage != "active":
            raise RecordError(f"the study {self._study!r}", "was deleted from MLflow")
        if experiment.experiment_id != self._experiment:
            self._forget()
            self._experiment = experiment.experiment_id
        parents = search(client, [self._experiment], EXECUTIONS)
        self._runs = self._trials(client)
        if self._reading is None and self._early is not None and _points(self._runs) > self._early:
            self._reading = self._built(client, parents, None)
            return self._reading
        live = [run for run in self._runs.values() if run.info.status not in ENDED]
        moving = _histories(client, live)
        contents = (
            [_content(run) for run in parents],
            {run_id: _content(run) for run_id, run in self._runs.items()},
            len(moving),
        )
        if self._reading is None or contents != self._contents:
            self._hold(client)
            self._reading = self._built(client, parents, moving)
            self._contents = contents
        return self._reading

    def _trials(self, client: MlflowClient) -> dict[str, Run]:
        """Every trial of the experiment: those known to have ended, and the others as they are."""
        known = {run: found for run, found in self._runs.items() if found.info.status in ENDED}
        states = self._trial_states(client)
        if states is not None:
            known = {run: found for run, found in known.items() if _state(found) == states.get(run)}
            asked = [run for run in states if run not in known]
            if not asked:
                return known
            condition = f"attributes.run_id IN ({_quoted(asked)})"
        else:
            asked = list(known)
            if self._whole_at is None or time.monotonic() - self._whole_at > WHOLE_SECONDS:
                known = {}
            condition = f"{TRIALS} and attributes.run_id NOT IN ({_quoted(asked)})"
        if not known or len(asked) > MOST_NAMED:
            known, condition = {}, TRIALS
            self._whole_at = time.monotonic()
        return known | {r.info.run_id: r for r in search(client, [self._experiment], condition)}

    def _trial_states(self, client: MlflowClient) -> dict[str, State] | None:
        """The state and the end of each trial, which only a database tells without the rest."""
        # Private only in name, as in histories.py.
        store = client._tracking_client.store
        if not hasattr(store, "engine"):
            return None
        import sqlalchemy

        statement = sqlalchemy.text(TRIAL_STATES)
        with store.engine.connect() as connection:
            rows = connection.execute(statement, {"experiment": int(self._experiment)}).all()
        return {run: (status, ended) for run, status, ended in rows}

    def _hold(self, client: MlflowClient) -> None:
        """Keep the histories of the trials that have ended, each read once."""
        ended = {run: found for run, found in self._runs.items() if found.info.status in ENDED}
        ends = {run: found.info.end_time for run, found in ended.items()}
        if any(ends.get(run, -1) != end for run, end in self._held_ends.items()):
            same = {run: end for run, end in self._held_ends.items() if ends.get(run, -1) == end}
            self._held, self._held_ends = self._held.of_runs(same), same
        new = [found for run, found in ended.items() if run not in self._held_ends]
        if not new:
            return
        # At first they may be in a file that an earlier process kept.
        points = _histories(client, new) if self._held_ends else read_points(client, ended)
        # In order once, they need not be sorted again with every trial that is added.
        points = points.latest([found.info.run_id for found in new])
        self._held, self._held_ends = Points.joined([self._held, points]), ends

    def _built(
        self, client: MlflowClient, parents: Sequence[Run], moving: Points | None
    ) -> Reading:
        """The study with what is held of its histories and ``moving``, None for none of either."""
        newest = parents[0] if parents else None
        state = "finished" if self._runs else "empty"
        if newest is not None:
            state = STATES.get(newest.info.status, "running")
        ending, record, images = self._ending(client, parents)
        planned = _planned(newest, ending, record)
        previous = record
        if state == "running":
            record, images = {}, {}
        unique = self._unique(record)
        key_of = {run.info.run_id: key for key, run in unique.items()}
        parts = [] if moving is None else [self._held, moving]
        points = Points.joined(parts).of_runs(key_of)
        seen = [run for run in points.runs if run in key_of]
        key_of = {run: key_of[run] for run in dict.fromkeys([*seen, *key_of])}
        history = history_frame(key_of, points)
        runs = runs_frame(unique, history)
        study = record
        if not record:
            question = newest.data.tags.get("mlflow.note.content", "") if newest else ""
            inferred = inferred_study(self._study, question, runs, params(unique))
            study = continued(inferred, previous)
        shown = ending if record else newest
        execution = execution_of(shown) if shown is not None else {}
        frames = Frames(
            runs, history, study, images, execution, bool(record), histories=moving is not None
        )
        return Reading(frames, state, planned, len(self._runs))

    def _unique(self, record: Mapping[str, Any]) -> dict[str, Run]:
        """One run per trial key, of the trials of study.json where there is one."""
        trials = sorted(self._runs.values(), key=lambda r: (-r.info.start_time, r.info.run_id))
        if record:
            keys = {str(key) for key in record.get("trials", [])}
            trials = [run for run in trials if run.data.tags.get("layerwise.key") in keys]
        return {run.data.tags.get("layerwise.key", run.info.run_id): run for run in trials}

    def _ending(
        self, client: MlflowClient, parents: Sequence[Run]
    ) -> tuple[Run | None, dict[str, Any], dict[str, Any]]:
        """The newest execution that has ended with a study.json, and its files; each read once."""
        for parent in parents:
            if STATES.get(parent.info.status, "running") == "running":
                continue
            run_id, state = parent.info.run_id, _state(parent)
            if run_id not in self._files or self._files[run_id][0] != state:
                self._files[run_id] = (state, artifacts(client, parent))
            record, images = self._files[run_id][1]
            if record:
                return parent, record, images
        return None, {}, {}


def _histories(client: MlflowClient, runs: Iterable[Run]) -> Points:
    return read_histories(client, {run.info.run_id: list(run.data.metrics) for run in runs})


def _points(runs: Mapping[str, Run]) -> int:
    """How many points the histories of the runs have at most, one at each step up to the last."""
    # Private only in name, as in histories.py: no public attribute has the steps.
    return sum(1 + metric.step for run in runs.values() for metric in run.data._metric_objs)


def _state(run: Run) -> State:
    return run.info.status, run.info.end_time


def _content(run: Run) -> tuple[object, ...]:
    """What a person would notice if it changed."""
    tags = run.data.tags
    if SIGN_OF_LIFE in tags:
        tags = {name: tag for name, tag in tags.items() if name != SIGN_OF_LIFE}
    return run.info.run_id, *_state(run), tags, run.data.params, run.data.metrics


def _quoted(runs: Iterable[str]) -> str:
    return ",".join(f"'{run}'" for run in runs)


def _planned(newest: Run | None, ending: Run | None, record: Mapping[str, Any]) -> int | None:
    """How many trials the newest execution will have.

    Its own tag says so, or its study.json, or that of an earlier execution of the same plan.
    """
    if newest is None:
        return None
    if (tag := newest.data.tags.get("layerwise.planned", "")).isdecimal():
        return int(tag)
    plans = [run.data.tags.get("layerwise.plan_key") for run in (newest, ending) if run is not None]
    same = ending is not None and (
        ending.info.run_id == newest.info.run_id or (plans[0] and plans[0] == plans[-1])
    )
    counts = [entry.get("trials") for entry in record.get("stages", [])]
    if not same or not counts or not all(isinstance(count, int) for count in counts):
        return None
    return int(sum(counts))
