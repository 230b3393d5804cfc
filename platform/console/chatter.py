"""Where everything goes that Ray, MLflow and other libraries say: into a log file."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

# Whose warnings a person should see: a damaged entry that is set aside and made again.
SHOWN = "layerwise.store"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@dataclass(frozen=True)
class Streams:
    """Where a person reads, while standard output and standard error are the log."""

    output: TextIO
    error: TextIO


def keep_quiet() -> None:
    """Usage statistics and telemetry off, for this process and those it starts."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    # A bar of its own for each small file that is read.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


@contextmanager
def into(path: Path) -> Iterator[Streams]:
    """Send to a file all that this process and its children print, log and warn inside the block.

    The file descriptors themselves are redirected, because much of it does not pass through
    Python. What is said to the person goes to the two streams given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(number) for number in (1, 2)]
    streams = [os.fdopen(os.dup(number), "w", buffering=1, encoding="utf-8") for number in before]
    said = Streams(*streams)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    logged, shown = _handlers(said.error)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(logged)
        logging.getLogger(SHOWN).removeHandler(shown)
        logging.captureWarnings(False)
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in zip((1, 2), before, strict=True):
            os.dup2(kept, number)
            os.close(kept)
        for stream in streams:
            stream.close()


def _handlers(error: TextIO) -> tuple[logging.Handler, logging.Handler]:
    """Everything into the file that standard error now is; the store's warnings also shown."""
    logged = logging.StreamHandler(sys.stderr)
    logged.setFormatter(logging.Formatter(FORMAT))
    logging.getLogger().addHandler(logged)
    logging.getLogger().setLevel(logging.INFO)
    logging.captureWarnings(True)
    shown = logging.StreamHandler(error)
    shown.setLevel(logging.WARNING)
    shown.setFormatter(logging.Formatter("layerwise: %(message)s"))
    logging.getLogger(SHOWN).addHandler(shown)
    return logged, shown
