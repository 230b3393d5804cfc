"""MLflow's server on a record: refused without one, and on loopback with one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import recording
from commanding import environment

from layerwise.platform.cli import main

SCRIPT = "import sys; from layerwise.platform.cli import main; sys.exit(main())"
PATIENCE = 90.0


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listeners(port: int) -> set[str]:
    """The addresses on which somebody listens on a port, as the kernel knows them."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        address, _, number = local.partition(":")
        if state == "0A" and int(number, 16) == port:
            found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]))
    return found


def answered(url: str, process: subprocess.Popen[str]) -> str:
    """The body that the server gives once it is up."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    raise AssertionError(f"no answer from {url}")


def test_without_a_record_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "home"), "ui"]) == 2
    assert "holds no record. Run a study first" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_port_in_use_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = recording.home(tmp_path / "home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["--home", str(home), "ui", "--port", port]) == 2
    assert f"port {port}: must be free" in capsys.readouterr().err


def test_a_server_that_is_there_already_is_only_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example:5000")
    assert main(["--home", str(tmp_path / "home"), "ui"]) == 0
    assert capsys.readouterr().out == "http://mlflow.example:5000\n"


def test_with_a_record_mlflow_answers_on_loopback(tmp_path: Path) -> None:
    home, port = recording.home(tmp_path / "home"), free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "--home", str(home), "ui", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"
        assert answered(f"http://127.0.0.1:{port}/health", process) == "OK"
        assert listeners(port) == {"127.0.0.1"}
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
