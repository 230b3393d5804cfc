"""``layerwise`` as a person calls it: in a process of its own, with what it printed and took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# The console script's own two lines, and a third that tells what was imported on the way.
SCRIPT = """
import atexit, sys
listing = sys.argv.pop(1)
atexit.register(lambda: open(listing, "w").write(" ".join(sys.modules)))
from layerwise.platform.cli import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    output: str
    error: str
    seconds: float
    imported: frozenset[str]


def environment(**further: str) -> dict[str, str]:
    """This process's environment without a home or a server of somebody else's."""
    theirs = ("LAYERWISE_HOME", "MLFLOW_TRACKING_URI", "COLUMNS")
    return {k: v for k, v in os.environ.items() if k not in theirs} | further


def layerwise(*words: str, cwd: Path, listing: Path, **variables: str) -> Finished:
    """Run a command to its end.

    Args:
        words: what is typed after ``layerwise``.
        cwd: the working directory.
        listing: a file, outside of all that is compared, for the list of imported modules.
        variables: of the environment, on top of this process's own.
    """
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(listing), *words],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    seconds = time.monotonic() - started
    imported = frozenset(listing.read_text().split())
    return Finished(ended.returncode, ended.stdout, ended.stderr, seconds, imported)
