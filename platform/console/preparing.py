"""What a person sees while a large table is read: one line that says how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from .progress import LINE_SECONDS

# What takes no longer than that needs no word.
MOMENT_SECONDS = 1.0


Told = Callable[[int], None]
"""Is told how many more rows are there."""


@contextmanager
def display(name: str, rows: int, console: Console) -> Iterator[Told]:
    """Say ``preparing NAME: 12.3 of 40.0 million rows`` as rows arrive, until the block ends.

    On a terminal a line that is written anew and leaves nothing, elsewhere one every few seconds.

    Args:
        name: of the table.
        rows: of the whole table.
        console: where to say it.
    """
    done, begun, said = 0, time.monotonic(), 0.0
    # Left alone, rich takes over standard output and shows what belongs into the log.
    live = Live(
        console=console,
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )

    def told(more: int) -> None:
        nonlocal done, said
        done += more
        now = time.monotonic()
        if console.is_terminal:
            live.update(Text(line(name, done, rows)), refresh=True)
        elif now - begun > MOMENT_SECONDS and now - said > LINE_SECONDS:
            said = now
            console.print(Text(line(name, done, rows)), soft_wrap=True)

    if not console.is_terminal:
        yield told
        return
    with live:
        live.update(Text(line(name, 0, rows)), refresh=True)
        yield told


def line(name: str, done: int, rows: int) -> str:
    """How far it is, in words; after the last row the splits are scaled, hashed and written."""
    size, word = next(((size, f" {word}") for size, word in _UNITS if rows >= 10 * size), (1, ""))
    whole = f"{rows / size:.1f}{word}" if word else f"{rows}"
    if done >= rows:
        return f"preparing {name}: all {whole} rows are read, and made the study's splits"
    return f"preparing {name}: {f'{done / size:.1f}' if word else done} of {whole} rows"


_UNITS = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
