"""The line of a table that is being read."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from layerwise.platform.console import preparing


@pytest.mark.parametrize(
    ("done", "rows", "said"),
    [
        (12_345_678, 40_000_000, "preparing t.parquet: 12.3 of 40.0 million rows"),
        (400, 1735, "preparing t.parquet: 400 of 1735 rows"),
        (0, 25_000, "preparing t.parquet: 0.0 of 25.0 thousand rows"),
        (25_000, 25_000, "all 25.0 thousand rows are read, and made the study's splits"),
    ],
)
def test_it_says_how_far_it_is(done: int, rows: int, said: str) -> None:
    assert said in preparing.line("t.parquet", done, rows)


def test_a_log_has_a_line_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), width=100)
    seconds = iter([100.0, 100.5, 102.0, 103.0, 108.0])
    monkeypatch.setattr(preparing.time, "monotonic", lambda: next(seconds))
    with preparing.display("t", 100, console) as told:
        for _ in range(4):
            told(10)
    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "preparing t: 20 of 100 rows",
        "preparing t: 40 of 100 rows",
    ]


def test_a_terminal_s_line_is_gone_in_the_end() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with preparing.display("t", 100, console) as told:
        told(10)
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert "preparing t: 10 of 100 rows" in written
    assert written.endswith("\x1b[2K")
