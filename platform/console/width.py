"""How wide to write: as the terminal is, or wide enough for a log or a pipe."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console

UNBOUNDED = 160


def console(stream: TextIO | None = None) -> Console:
    """A console on a stream, standard output by default."""
    file = stream or sys.stdout
    return Console(file=file, width=None if file.isatty() else UNBOUNDED, highlight=False)
