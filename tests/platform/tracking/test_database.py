"""MLflow's database: made whole or not at all, and filled in bulk only where it is known."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from recording import STUDY, execute, home, runs, told, trial, uri, writer

from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.database import TrialTables, create_database, database_path

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("sqlite:////a/b.db", Path("/a/b.db")),
        ("sqlite:///b.db", Path.cwd() / "b.db"),
        ("sqlite:////a/b.db?timeout=3", Path("/a/b.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("http://127.0.0.1:5000", None),
        ("postgresql://host/db", None),
    ],
)
def test_the_file_behind_an_address(address: str, path: Path | None) -> None:
    assert database_path(address) == path


def test_four_processes_at_first_use(tmp_path: Path) -> None:
    trials = [trial(number) for number in range(5)]
    processes = [writer(tmp_path, trials) for _ in range(4)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert outputs == ["open\nclosed\n"] * 4
    assert len(told(uri(tmp_path))) == 5
    assert {run.info.status for run in runs(uri(tmp_path), "study")} == {"FINISHED"}


_CREATE = """
import sys
from pathlib import Path
from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.database import create_database
import mlflow.store.tracking.sqlalchemy_store
print("begin", flush=True)
create_database(Path(sys.argv[1]), Path("artifacts"))
"""


def _sizes(folder: Path, pattern: str) -> Iterator[int]:
    """The sizes of the files that are there; SQLite's journals come and go in between."""
    for file in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            yield file.stat().st_size


def test_killed_while_making_it_the_database_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    command = [sys.executable, "-c", _CREATE, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begin\n"
            while not any(size > 50_000 for size in _sizes(tmp_path, ".mlflow.db.new-*")):
                assert process.poll() is None
                time.sleep(0.002)
        finally:
            process.kill()
    assert not path.exists()
    create_database(path, tmp_path / "artifacts")
    assert {file.name for file in tmp_path.iterdir()} == {"mlflow.db", "mlflow.db.lock"}
    MlflowClient(uri(tmp_path)).create_experiment("works")


_INTERRUPTED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE half (word TEXT)")
connection.executemany("INSERT INTO half VALUES (?)", [("x" * 3000,)] * 500)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_undone(tmp_path: Path) -> None:
    place = home(tmp_path)
    subprocess.run([sys.executable, "-c", _INTERRUPTED, place / "mlflow.db"], check=False)
    assert (place / "mlflow.db-journal").stat().st_size > 0
    execute(place, [trial(0)])
    assert len(told(uri(place))) == 1
    connection = sqlite3.connect(place / "mlflow.db")
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    connection.close()


def test_the_journal_of_a_first_use_cut_short_does_not_undo_the_new_database(
    tmp_path: Path,
) -> None:
    subprocess.run([sys.executable, "-c", _INTERRUPTED, tmp_path / "mlflow.db"], check=False)
    (tmp_path / "mlflow.db").write_bytes(b"")
    assert (tmp_path / "mlflow.db-journal").exists()
    create_database(tmp_path / "mlflow.db", tmp_path / "artifacts")
    execute(tmp_path, [trial(0)])
    assert len(told(uri(tmp_path))) == 1


def test_something_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("a letter to my aunt" * 100)
    with pytest.raises(TrackingError, match="file is not a database"):
        execute(tmp_path, [trial(0)])


def test_a_database_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    place = home(tmp_path)
    before = (place / "mlflow.db").stat()
    create_database(place / "mlflow.db", place / "artifacts")
    after = (place / "mlflow.db").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_columns_nobody_knows_are_left_to_the_client(tmp_path: Path) -> None:
    place = home(tmp_path)
    connection = sqlite3.connect(place / "mlflow.db")
    connection.execute("ALTER TABLE params ADD COLUMN kind TEXT")
    connection.close()
    client = MlflowClient(uri(place))
    tables = TrialTables(uri(place), client.create_experiment("other"), "file:///nowhere")
    assert not tables.fits()
    tables.close()
    execute(place, [trial(0)])
    assert client.get_experiment_by_name(STUDY) is not None
    assert list(told(uri(place))) == [trial(0).key]


def test_a_batch_is_there_wholly_or_not_at_all(tmp_path: Path) -> None:
    place = home(tmp_path)
    client = MlflowClient(uri(place))
    tables = TrialTables(uri(place), client.create_experiment(STUDY), "file:///nowhere")
    assert tables.fits()
    broken = trial(1, history={"train/loss": [(0, "a word")]})
    with pytest.raises(TypeError):
        tables.write([trial(0), broken], "parent")
    assert runs(uri(place), "trial") == []
    tables.write([trial(0), trial(0)], "parent")
    assert tables.recorded([trial(0).key, trial(1).key]) == {trial(0).key}
    tables.close()


def test_a_killed_run_is_completed_under_its_own_id(tmp_path: Path) -> None:
    place = home(tmp_path)
    client = MlflowClient(uri(place))
    experiment = client.create_experiment(STUDY)
    begun = client.create_run(experiment, tags=trial(0).tags("older")).info.run_id
    client.log_metric(begun, "train/loss", 3.0, step=99)
    client.set_terminated(begun, "KILLED")
    tables = TrialTables(uri(place), experiment, "file:///nowhere")
    tables.write([trial(0)], "newer")
    (run,) = runs(uri(place), "trial")
    assert (run.info.run_id, run.info.status) == (begun, "FINISHED")
    assert run.data.tags["mlflow.parentRunId"] == "newer"
    assert len(client.get_metric_history(begun, "train/loss")) == 21
    tables.close()
