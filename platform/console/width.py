"""How wide to write: as the terminal is, or wide enough for a log or a pipe."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console

UNBOUNDED = 160
UNKNOWN = 80


def console(stream: TextIO | None = None) -> Console:
    """A console on a stream, standard output by default."""
    file = stream or sys.stdout
    return Console(file=file, width=_columns(file), highlight=False)


def _columns(file: TextIO) -> int | None:
    """The width to write in; None leaves it to rich, which follows a window that is resized."""
    if not file.isatty():
        return UNBOUNDED
    # Rich asks the three standard streams, and a run has redirected the other two into its log.
    if os.isatty(0):
        return None
    return os.get_terminal_size(file.fileno()).columns or UNKNOWN
