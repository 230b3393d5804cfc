"""The SQLite database that MLflow reads: made whole or not at all, and written in bulk.

MLflow's client spends 26 ms on a run of 150 points, nearly all of it between its own layers: six
transactions, and one object per point. The same rows, through MLflow's own tables and in one
transaction per batch, take a tenth of that and appear all at once: a trial that is in the record
is there with its whole history. They are handed to SQLite as tuples, since what SQLAlchemy does to
each row costs more than the row. Where the columns are not the ones known here the client is used
instead, and a test holds both to the same result.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .tracked_trial import ENDED, Point, TrackedTrial

# The columns of each table that is filled here, in the order of the rows made below.
_POINT = ("key", "value", "timestamp", "step", "is_nan", "run_uuid")
_PAIR = ("key", "value", "run_uuid")
_RUN = (
    *("run_uuid", "name", "status", "start_time", "end_time", "experiment_id", "artifact_uri"),
    *("source_type", "source_name", "source_version", "entry_point_name", "user_id"),
    *("lifecycle_stage", "deleted_time"),
)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "runs": _RUN,
    "tags": _PAIR,
    "params": _PAIR,
    "metrics": _POINT,
    "latest_metrics": _POINT,
}
_BUSY_SECONDS = 60.0
# Three indexes hang on the points; what of them does not fit SQLite's 2 MiB is written twice.
_CACHE_KIB = 64 * 1024

Row = tuple[Any, ...]


def database_path(uri: str) -> Path | None:
    """The file behind a ``sqlite:///`` URI; None for servers, other databases and ``:memory:``."""
    name = uri.removeprefix("sqlite:///").partition("?")[0]
    if not uri.startswith("sqlite:///") or name in ("", ":memory:"):
        return None
    return Path(name).absolute()


def create_database(path: Path, artifacts: Path) -> None:
    """Make MLflow's database where there is none. Safe when many processes do it at once.

    MLflow migrates a new database through some seventy revisions, in place and without a
    transaction around them: killed half-way, or joined by a second process, it leaves tables that
    no later start accepts. So it is built beside its place and appears under its name when done.
    """
    if _holds_tables(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_name(f"{path.name}.lock")):
        if _holds_tables(path):
            return
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        for left_over in path.parent.glob(f".{path.name}.new-*"):
            left_over.unlink(missing_ok=True)
        fresh = path.with_name(f".{path.name}.new-{uuid.uuid4().hex}")
        build: Callable[[str, str], Any] = SqlAlchemyStore
        build(f"sqlite:///{fresh}", artifacts.absolute().as_uri()).engine.dispose()
        for stale in ("-journal", "-wal", "-shm"):
            # Of a first use that was cut short: SQLite would undo it in the new database.
            path.with_name(f"{path.name}{stale}").unlink(missing_ok=True)
        os.replace(fresh, path)


def _holds_tables(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    # Writable, though nothing is written: a writer that was killed in a transaction left its
    # journal, and whoever opens the file next has to undo it.
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
    try:
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    finally:
        connection.close()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class TrialTables:
    """Writes trials as rows of MLflow's tables, all those of one call in one transaction."""

    def __init__(self, uri: str, experiment_id: str, artifact_location: str) -> None:
        import sqlalchemy
        import sqlalchemy.event
        from mlflow.store.tracking.dbmodels import models

        self._experiment_id = int(experiment_id)
        self._artifact_location = artifact_location.rstrip("/")
        self._runs: sqlalchemy.Table = models.SqlRun.__table__
        self._metrics: sqlalchemy.Table = models.SqlMetric.__table__
        self._latest: sqlalchemy.Table = models.SqlLatestMetric.__table__
        self._params: sqlalchemy.Table = models.SqlParam.__table__
        self._tags: sqlalchemy.Table = models.SqlTag.__table__
        self._engine = sqlalchemy.create_engine(uri, connect_args={"timeout": _BUSY_SECONDS})

        # The driver would begin a transaction at the first write only, after the look-up of what
        # is there already; two executions would then both find nothing and both write.
        @sqlalchemy.event.listens_for(self._engine, "connect")
        def leave_transactions_to_us(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

        @sqlalchemy.event.listens_for(self._engine, "begin")
        def take_the_write_lock(connection: sqlalchemy.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def fits(self) -> bool:
        """Whether both MLflow and the database have the very columns that are filled here."""
        import sqlalchemy

        found = sqlalchemy.inspect(self._engine)
        tables = (self._runs, self._metrics, self._latest, self._params, self._tags)
        return all(
            {column.name for column in table.columns} == set(_COLUMNS[table.name])
            and {col["name"] for col in found.get_columns(table.name)} == set(_COLUMNS[table.name])
            for table in tables
        )

    def recorded(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose run has ended."""
        with self._engine.connect() as connection:
            return {
                key for key, (_, status) in self._found(connection, keys).items() if status in ENDED
            }

    def write(self, trials: Sequence[TrackedTrial], parent_run: str) -> None:
        """Record the trials that are not recorded yet, and complete those begun elsewhere."""
        rows = _Rows()
        with self._engine.begin() as connection:
            found = self._found(connection, [trial.key for trial in trials])
            for trial in {trial.key: trial for trial in trials}.values():
                run, status = found.get(trial.key, ("", ""))
                if status in ENDED:
                    continue
                if run:
                    self._clear(connection, run)
                run = run or uuid.uuid4().hex
                rows.add(trial, run, parent_run, self._experiment_id, self._artifact_location)
            for table, columns in _COLUMNS.items():
                if values := rows.of[table]:
                    places = ", ".join("?" * len(columns))
                    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
                    connection.exec_driver_sql(statement, values)

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def _found(self, connection: Any, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        from sqlalchemy import select

        tags, runs = self._tags.c, self._runs.c
        query = (
            select(tags.value, runs.run_uuid, runs.status)
            .join(self._runs, runs.run_uuid == tags.run_uuid)
            .where(
                tags.key == "layerwise.key",
                tags.value.in_(keys),
                runs.experiment_id == self._experiment_id,
                runs.lifecycle_stage == "active",
            )
        )
        found: dict[str, tuple[str, str]] = {}
        for key, run, status in connection.execute(query):
            if key not in found or status in ENDED:
                found[key] = (run, status)
        return found

    def _clear(self, connection: Any, run: str) -> None:
        """Make room for a run that was begun and never ended; it keeps its id."""
        from sqlalchemy import delete

        for table in (self._tags, self._params, self._metrics, self._latest, self._runs):
            connection.execute(delete(table).where(table.c.run_uuid == run))


class _Rows:
    """The rows of a batch, by table."""

    def __init__(self) -> None:
        self.of: dict[str, list[Row]] = {table: [] for table in _COLUMNS}

    def add(
        self, trial: TrackedTrial, run: str, parent_run: str, experiment_id: int, location: str
    ) -> None:
        self.of["runs"].append(
            (
                *(run, trial.run_name, trial.status, trial.start_ms, trial.end_ms, experiment_id),
                *(f"{location}/{run}/artifacts", "UNKNOWN", "", "", "", "unknown", "active", None),
            )
        )
        self.of["tags"] += _pairs(trial.tags(parent_run), run)
        self.of["params"] += _pairs(trial.params_as_text(), run)
        points = trial.points()
        newest: dict[str, Point] = {}
        for point in points:
            known = newest.get(point.metric)
            if known is None or point.step > known.step:
                newest[point.metric] = point
        self.of["metrics"] += [_metric(point, run) for point in points]
        self.of["latest_metrics"] += [_metric(point, run) for point in newest.values()]


def _pairs(named: Mapping[str, str], run: str) -> list[Row]:
    return [(key, value, run) for key, value in named.items()]


def _metric(point: Point, run: str) -> Row:
    metric, value, timestamp_ms, step = point
    missing = value != value
    return (metric, 0.0 if missing else value, timestamp_ms, step, missing, run)
