"""How wide is written: as the terminal is, or wide enough for a log."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios

import pytest

from layerwise.platform.console.width import UNBOUNDED, console


def test_off_a_terminal_lines_are_long_and_plain() -> None:
    stream = io.StringIO()
    out = console(stream)
    out.print("x" * 120, style="bold")
    assert out.width == UNBOUNDED
    assert stream.getvalue() == "x" * 120 + "\n"


@pytest.mark.parametrize("columns", [60, 100])
def test_a_terminal_is_filled(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with os.fdopen(theirs, "w") as stream:
        assert console(stream).width == columns
    os.close(ours)
