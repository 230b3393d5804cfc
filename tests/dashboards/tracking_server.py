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
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def served(home: Path, port: int = 0) -> Iterator[str]:
    """The address of a server over ``home/mlflow.db``; it is killed in the end."""
    if not port:
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--no-serve-artifacts"]
    command += ["--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}"]
    log = (home / "server.log").open("w")
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env=dict(os.environ), start_new_session=True
    )
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
