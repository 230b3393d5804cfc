"""``layerwise ui``: MLflow's own page on the record, on loopback."""

from __future__ import annotations

import argparse
import os
import sys

from ..errors import HomeError
from ..home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--port", type=int, default=5000, help="on 127.0.0.1 (default: 5000)")


def main(arguments: argparse.Namespace) -> int:
    """Become MLflow's server, until interrupted."""
    home = Home.from_environment(arguments.home)
    if not home.has_record:
        raise HomeError(str(home.path), "holds no record", remedy="Run a study first.")
    print(f"http://127.0.0.1:{arguments.port}", flush=True)
    command = [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", home.tracking_uri),
        *("--default-artifact-root", home.artifacts.as_uri()),
        *("--host", "127.0.0.1", "--port", str(arguments.port)),
    ]
    os.execv(sys.executable, command)
