"""The list of studies: of each one line, and no histories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..collector import collector_paused
from ..frames import EXECUTIONS, RUNS_A_PAGE, TRIALS, search
from ..reader import STATES

if TYPE_CHECKING:
    from mlflow import MlflowClient

NEWEST = (
    "SELECT runs.experiment_id, runs.status, runs.start_time, runs.end_time, notes.value"
    " FROM runs JOIN tags ON tags.run_uuid = runs.run_uuid"
    " AND tags.key = 'layerwise.kind' AND tags.value = 'study'"
    " LEFT JOIN tags AS notes ON notes.run_uuid = runs.run_uuid"
    " AND notes.key = 'mlflow.note.content'"
    " WHERE runs.lifecycle_stage = 'active' ORDER BY runs.start_time, runs.run_uuid DESC"
)
COUNTS = (
    "SELECT runs.experiment_id, COUNT(*) FROM runs JOIN tags ON tags.run_uuid = runs.run_uuid"
    " AND tags.key = 'layerwise.kind' AND tags.value = 'trial'"
    " WHERE runs.lifecycle_stage = 'active' GROUP BY runs.experiment_id"
)
NAMES = "SELECT experiment_id, name FROM experiments WHERE lifecycle_stage = 'active'"


@dataclass(frozen=True)
class Listed:
    """A line of the list of studies.

    ``state``: as :class:`..reader.Reading` has it; ``trials``: how many its experiment holds;
    ``started``: when its newest execution began, in UTC, None if there was none.
    """

    name: str
    question: str
    state: str
    trials: int
    started: pd.Timestamp | None
    experiment_id: str


@dataclass(frozen=True)
class _Execution:
    """The newest execution of an experiment."""

    status: str
    started: int
    ended: int | None
    question: str


class Listing:
    """Lists the studies of a record again and again; to be used from one thread."""

    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri
        self._client: MlflowClient | None = None
        self._counted: dict[str, tuple[_Execution | None, int]] = {}

    def read(self) -> tuple[Listed, ...]:
        """The experiments that hold something of layerwise, those begun last first."""
        with collector_paused():
            if self._client is None:
                # Seconds of import.
                from mlflow import MlflowClient

                self._client = MlflowClient(self._uri)
            # Private only in name, as in histories.py.
            store = self._client._tracking_client.store
            if hasattr(store, "engine"):
                return listed(*_from_database(store.engine))
            return listed(*self._from_server(self._client))

    def _from_server(
        self, client: MlflowClient
    ) -> tuple[dict[str, str], dict[str, _Execution], dict[str, int]]:
        """Names, newest executions and counts of trials, by experiment.

        A server counts nothing: the trials of a study are counted one by one, and again only when
        its newest execution is another one, or runs.
        """
        names = dict(_experiments(client))
        newest: dict[str, _Execution] = {}
        for run in search(client, list(names), EXECUTIONS) if names else []:
            note = run.data.tags.get("mlflow.note.content", "")
            ran = _Execution(run.info.status, run.info.start_time, run.info.end_time, note)
            newest.setdefault(run.info.experiment_id, ran)
        counts = {}
        for number in names:
            last = newest.get(number)
            known = self._counted.get(number)
            if known is None or known[0] != last or (last is not None and last.ended is None):
                known = last, len(search(client, [number], TRIALS))
                self._counted[number] = known
            counts[number] = known[1]
        return names, newest, counts


def listed(
    names: Mapping[str, str], newest: Mapping[str, _Execution], counts: Mapping[str, int]
) -> tuple[Listed, ...]:
    """The lines, by experiment; what neither ran nor has trials is not a study."""
    found = []
    for number in {*newest, *(n for n, count in counts.items() if count)} & names.keys():
        ran = newest.get(number)
        state = "finished" if ran is None else STATES.get(ran.status, "running")
        started = None if ran is None else pd.Timestamp(ran.started, unit="ms", tz="UTC")
        question = "" if ran is None else ran.question
        line = Listed(names[number], question, state, counts.get(number, 0), started, number)
        found.append((0 if ran is None else -ran.started, line.name, line))
    return tuple(line for *_, line in sorted(found, key=lambda one: one[:2]))


def _from_database(engine: Any) -> tuple[dict[str, str], dict[str, _Execution], dict[str, int]]:
    import sqlalchemy

    with engine.connect() as connection:

        def rows(statement: str) -> Iterable[Any]:
            found: Iterable[Any] = connection.execute(sqlalchemy.text(statement)).all()
            return found

        names = {str(number): str(name) for number, name in rows(NAMES)}
        newest = {
            str(number): _Execution(status, started, ended, note or "")
            for number, status, started, ended, note in rows(NEWEST)
        }
        counts = {str(number): int(count) for number, count in rows(COUNTS)}
    return names, newest, counts


def _experiments(client: MlflowClient) -> Iterator[tuple[str, str]]:
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=RUNS_A_PAGE, page_token=token)
        yield from ((str(found.experiment_id), str(found.name)) for found in page)
        token = page.token
        if not token:
            return
