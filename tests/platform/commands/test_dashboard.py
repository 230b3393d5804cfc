"""``layerwise dashboard`` as typed: where it listens, whom it refuses, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import recording

from layerwise.platform.cli import main
from layerwise.platform.commands.dashboard import TOKEN

SECRET = "correct horse battery"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(home: Path, *words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "layerwise.platform.cli", "--home", str(home), "dashboard"]
    with subprocess.Popen(
        [*command, "--port", str(free_port()), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def status(url: str, **headers: str) -> int:
    """The status of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


def test_it_serves_on_loopback_until_it_is_interrupted(tmp_path: Path) -> None:
    home = recording.home(tmp_path / "home")
    with running(home, "quickstart") as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("http://127.0.0.1:")
        assert line.endswith("/?study=quickstart")
        assert status(line) == 200
        assert status(line, Host="evil.example.org") == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


def test_beyond_loopback_it_wants_the_token(tmp_path: Path) -> None:
    home = recording.home(tmp_path / "home")
    with running(home, "--host", "0.0.0.0", **{TOKEN: SECRET}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert SECRET not in url + process.stdout.readline()
        assert status(url) == 401
        assert status(url, Authorization=f"Bearer {SECRET}") == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143


@pytest.mark.parametrize(
    ("words", "token", "said"),
    [
        (["--host", "0.0.0.0"], None, "must be loopback"),
        (["--host", "0.0.0.0"], "short", "must have 16 characters at least"),
        (["--host", "::"], "", "must be loopback"),
        (["quickstrat.yaml"], None, "quickstrat.yaml"),
    ],
)
def test_mistakes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    token: str | None,
    said: str,
) -> None:
    home = recording.home(tmp_path / "home")
    monkeypatch.delenv(TOKEN, raising=False)
    if token is not None:
        monkeypatch.setenv(TOKEN, token)
    assert main(["--home", str(home), "dashboard", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_an_empty_home_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "none"), "dashboard"]) == 2
    assert "layerwise:" in capsys.readouterr().err
