"""``layerwise ui``: MLflow's own page on the record, on loopback."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from typing import NoReturn

from ..errors import HomeError
from ..home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--port", type=port, default=5000, help="on 127.0.0.1 (default: 5000)")


def main(arguments: argparse.Namespace) -> int:
    """Become MLflow's server, until interrupted; a server that is there already is only named."""
    home = Home.from_environment(arguments.home)
    home.check_record()
    if home.tracking_uri.startswith(("http://", "https://")):
        print(home.tracking_uri)
    else:
        _become_server(home, arguments.port)
    return 0


def _become_server(home: Home, port: int) -> NoReturn:
    _check_free(port)
    print(f"http://127.0.0.1:{port}", flush=True)
    command = [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", home.tracking_uri),
        *("--default-artifact-root", home.artifacts.as_uri()),
        # One person looks at it: MLflow's four workers would take four times the start.
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
    ]
    os.execv(sys.executable, command)


def port(text: str) -> int:
    """A port as it is typed."""
    if text.isdecimal() and 0 < int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a port from 1 to 65535, but got {text!r}")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        # As MLflow's server does, which may follow one that has just ended.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            remedy = "Choose another port with --port."
            raise HomeError(f"port {port}", "must be free", error.strerror, remedy) from error
