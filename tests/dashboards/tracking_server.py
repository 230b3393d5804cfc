"""A tracking server of MLflow over a record, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest


@contextlib.contextmanager
def served(
    home: Path,
    port: int = 0,
    more: Sequence[str] = ("--no-serve-artifacts",),
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The address of a server over ``home/mlflow.db``; it is killed in the end."""
    if not port:
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", *more]
    command += ["--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}"]
    log = (home / "server.log").open("w")
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env={**os.environ, **(environment or {})},
        start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/health", timeout=2).close()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"no tracking server: {(home / 'server.log').read_text()[-2000:]}")
            time.sleep(0.2)
        yield address
    finally:
        # With its workers, and without waiting for those who are connected.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        log.close()


@contextlib.contextmanager
def guarded(home: Path, user: str, password: str) -> Iterator[str]:
    """The address of a server that asks who is there, and knows one user, who may do everything.

    Others that he adds may read nothing, unless he says so. Artifacts pass through the server.
    """
    pytest.importorskip("flask_wtf", reason="the server's login needs mlflow[auth]")
    config = home / "basic_auth.ini"
    config.write_text(
        "[mlflow]\ndefault_permission = NO_PERMISSIONS\n"
        f"database_uri = sqlite:///{home / 'users.db'}\n"
        f"admin_username = {user}\nadmin_password = {password}\n"
        "auth_cache_ttl_seconds = 60\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n",
        encoding="utf-8",
    )
    environment = {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of this test alone",
    }
    more = ["--app-name", "basic-auth", "--artifacts-destination", str(home / "artifacts")]
    with served(home, 0, more, environment) as address:
        yield address
