"""Whether a record was written to: by whom, in what way, and what is said when nobody can tell."""

from __future__ import annotations

import http.server
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerwise.dashboards.app import written as written_module
from layerwise.dashboards.app.written import Written
from layerwise.dashboards.errors import RecordError

INSERT = "INSERT INTO experiments VALUES (NULL)"


@pytest.fixture(params=["delete", "wal"])
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode = {request.param}")
        connection.execute("CREATE TABLE experiments (id INTEGER PRIMARY KEY)")
    connection.close()
    return path


@pytest.fixture
def written(database: Path) -> Iterator[Written]:
    made = Written(f"sqlite:///{database}")
    yield made
    made.close()


def commit(database: Path) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(INSERT)
    connection.close()


def test_each_commit_is_noticed_once(database: Path, written: Written) -> None:
    seen = [written.token()]
    for _ in range(20):
        commit(database)
        seen.append(written.token())
        assert written.token() == seen[-1]
    assert len(set(seen)) == 21


def test_a_commit_of_another_process_is_noticed(database: Path, written: Written) -> None:
    before = written.token()
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2])"
    run = [sys.executable, "-c", f"{script}; c.commit(); c.close()", str(database), INSERT]
    subprocess.run(run, check=True)
    assert written.token() != before


def test_what_was_not_committed_is_not_noticed(database: Path, written: Written) -> None:
    before = written.token()
    connection = sqlite3.connect(database)
    connection.execute(INSERT)
    assert written.token() == before
    connection.rollback()
    connection.close()
    assert written.token() == before


def test_another_file_in_its_place_is_noticed(database: Path, written: Written) -> None:
    before = written.token()
    shutil.copy(database, database.with_suffix(".copy"))
    database.with_suffix(".copy").replace(database)
    after = written.token()
    assert before is not None
    assert after is not None
    assert before[:2] != after[:2]
    commit(database)
    assert written.token() != after


def test_a_file_that_is_gone_is_not_made_anew(database: Path, written: Written) -> None:
    written.token()
    database.rename(database.with_suffix(".away"))
    with pytest.raises(RecordError, match=r"mlflow\.db: is not there"):
        written.token()
    assert not database.exists()
    database.with_suffix(".away").rename(database)
    assert written.token() is not None


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "holds nothing that MLflow wrote"), (b"x" * 4096, "cannot be read")]
)
def test_what_is_no_record_is_not_made_one(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mlflow.db"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=said):
        Written(f"sqlite:///{path}").token()
    assert path.read_bytes() == content


def test_a_lock_that_stays_is_said(
    database: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written_module, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(database)
    mode = holder.execute("PRAGMA journal_mode").fetchone()[0]
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    if mode == "wal":
        # Readers go on beside a writer.
        holder.execute(INSERT)
    with pytest.raises(RecordError, match=r"cannot be read .database is locked."):
        written.token()
    holder.rollback()
    holder.close()
    assert written.token() is not None


def test_a_server_is_only_asked_whether_it_is_there() -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path == "/health" else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    # A password is neither sent there nor repeated to whoever looks.
    assert Written(f"http://me:secret@{address}").token() is None
    assert Written(f"http://{address}/behind/").token() is None  # 403 is an answer
    assert asked == ["/health", "/behind/health"]
    server.shutdown()
    server.server_close()
    with pytest.raises(RecordError, match=r"does not answer .Connection refused.") as raised:
        Written(f"http://me:secret@{address}").token()
    assert "secret" not in str(raised.value)


def test_a_server_that_hangs_does_not_hang_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_module, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(RecordError, match=r"does not answer .timed out."):
            Written(address).token()


def test_of_other_databases_nobody_can_tell() -> None:
    assert Written("postgresql://me:secret@host/y").token() is None
    assert "secret" not in Written("postgresql://me:secret@host/y").where
