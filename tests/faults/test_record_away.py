"""MLflow is not there: everything is trained and kept, and written once when it is back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbed import TRIALS, Disturbed, check_record
from running import COMMAND, environment, until

from layerwise.platform.tracking.database import create_database

Moment = Callable[[float, float], float]


@pytest.mark.only_with_rounds
def test_nobody_listens(disturbed: Disturbed) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    _away(disturbed, f"http://127.0.0.1:{port}")


def test_a_server_takes_calls_and_never_answers(disturbed: Disturbed) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        _away(disturbed, f"http://127.0.0.1:{silent.getsockname()[1]}")


def _away(disturbed: Disturbed, address: str) -> None:
    disturbed.variables["MLFLOW_TRACKING_URI"] = address
    process = disturbed.start("--no-report")
    printed, error = disturbed.end(process)
    _kept(disturbed, printed, error)
    # Later, and elsewhere: into the home's own record.
    assert "16 trials is in the record" in sync(disturbed)
    disturbed.check()
    assert sync(disturbed).startswith("nothing of disturbed is spooled")
    disturbed.check()
    # And a run has nothing to add either.
    del disturbed.variables["MLFLOW_TRACKING_URI"]
    assert disturbed.run()["plan"]["trained"] == 0
    disturbed.check()


def _kept(disturbed: Disturbed, printed: dict[str, object], error: str) -> None:
    """All was trained, one line says what became of the record, and nobody waited long."""
    assert printed["plan"]["trained"] + printed["plan"]["reused"] == TRIALS  # type: ignore[index]
    assert sum("spooled" in line for line in error.splitlines()) == 1, error
    assert Path(str(printed["spooled"])).is_dir()
    seconds = printed["seconds"]
    assert isinstance(seconds, dict)
    print(f"seconds {seconds}")
    # By itself MLflow's client would have waited for four minutes, at each call.
    assert seconds["track"] < 60


def sync(disturbed: Disturbed, **variables: str) -> str:
    """``layerwise sync``; what it printed."""
    words = [COMMAND, "--home", str(disturbed.home), "sync", "disturbed"]
    ended = subprocess.run(
        words, capture_output=True, text=True, timeout=400, env=environment(**variables), check=True
    )
    return ended.stdout


class Server:
    """A real MLflow server over a database of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.database = folder / "mlflow.db"
        create_database(self.database, folder / "artifacts")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{self.database}"]
        command += ["--artifacts-destination", str(folder / "artifacts")]
        self._command, self._log = command, folder / "log"
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True, env=environment()
            )
        until(self._answers, 300)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/health", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "server")
    yield made
    made.kill()


@pytest.mark.only_with_rounds
def test_a_server_dies(disturbed: Disturbed, server: Server, moment: Moment) -> None:
    disturbed.variables["MLFLOW_TRACKING_URI"] = server.address
    process = disturbed.start("--no-report")
    disturbed.wait(moment)
    server.kill()
    printed, error = disturbed.end(process)
    if printed["spooled"] is not None:
        _kept(disturbed, printed, error)
        server.start()
        assert "is in the record" in sync(disturbed, MLFLOW_TRACKING_URI=server.address)
    disturbed.check(database=server.database)
    check_record(server.database, disturbed.home)
