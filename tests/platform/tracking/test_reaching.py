"""A server that is silent, one that answers with an error, and a database that is not there yet."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from layerwise.platform.tracking.reaching import is_server, reach


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def refusing() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Refusing) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}/"
        made.shutdown()
        thread.join()


def test_a_silent_server_is_given_up_in_time(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        with pytest.raises(OSError, match="timed out"):
            reach(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path, patience=0.3)
        assert time.monotonic() - began < 5


def test_a_server_that_answers_with_an_error_is_there(refusing: str, tmp_path: Path) -> None:
    reach(refusing, tmp_path)


def test_a_database_is_made(tmp_path: Path) -> None:
    reach(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "artifacts")
    assert (tmp_path / "mlflow.db").stat().st_size > 0


def test_what_a_server_is() -> None:
    assert is_server("https://mlflow.example")
    assert not is_server("sqlite:////tmp/mlflow.db")


def test_what_a_person_has_chosen_wins() -> None:
    code = (
        "import os\n"
        "from layerwise.platform.tracking.reaching import import_mlflow\n"
        "import_mlflow()\n"
        "print(os.environ['MLFLOW_HTTP_REQUEST_MAX_RETRIES'], os.environ['DO_NOT_TRACK'])"
    )
    environment = os.environ | {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "5"}
    environment.pop("DO_NOT_TRACK", None)
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["5", "true"]
