"""Getting at MLflow: imported as a guest that keeps quiet, asked once whether it is there."""

from __future__ import annotations

import contextlib
import importlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from .database import create_database, database_path

# How long a server may take to say that it is there.
ANSWER_SECONDS = 10.0


def import_mlflow() -> None:
    """Import MLflow and keep it quiet; what a person has chosen in its environment wins."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    # Left alone, MLflow writes its log to stderr and keeps it from the handlers of the root.
    os.environ.setdefault("MLFLOW_CONFIGURE_LOGGING", "false")
    # With its own seven retries a call takes four minutes to notice that a server went away.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
    # Whole packages before any part of them: a thread that imports a part first and one that
    # imports the package wait for each other, which Python ends with an error in one of them.
    for package in ("sqlalchemy", "mlflow"):
        importlib.import_module(package)


def is_server(uri: str) -> bool:
    """Whether a tracking URI is a server's address."""
    return uri.startswith(("http://", "https://"))


def reach(uri: str, artifacts: Path, patience: float = ANSWER_SECONDS) -> None:
    """Make sure of the server, or that the database of a SQLite URI is there.

    MLflow's own client asks again and again before it gives up.

    Args:
        uri: where MLflow is.
        artifacts: the folder for files of a database that is made.
        patience: how many seconds a server may take to answer.

    Raises:
        OSError: nobody answers in time, or the disk refuses the database.
    """
    if is_server(uri):
        with contextlib.suppress(urllib.error.HTTPError):  # an answer is an answer
            address = f"{uri.rstrip('/')}/health"
            urllib.request.urlopen(address, timeout=patience).close()
    elif (path := database_path(uri)) is not None:
        create_database(path, artifacts)
