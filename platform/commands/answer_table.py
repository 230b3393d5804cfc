"""The ranked answer in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..answer.ranking import TEST, target

if TYPE_CHECKING:
    from .run import _Ending

SHOWN = 8


def show(console: Console, ending: _Ending, name: str) -> None:
    """The best settings, the verdict, and the commands that lead on."""
    study, outcome = ending.prepared.study, ending.outcome
    metric, direction = target(study, study.in_order()[-1].name)
    if ending.ranking:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("", justify="right")
        for path in ending.ranking[0].values:
            table.add_column(path, justify="right")
        table.add_column(metric, justify="right")
        table.add_column(TEST, justify="right")
        for row in ending.ranking[:SHOWN]:
            table.add_row(
                f"{row.rank}",
                *(_number(value) for value in row.values.values()),
                _interval(row.metrics[metric]),
                _interval(row.metrics[TEST]) if TEST in row.metrics else "",
            )
        console.print(table)
        more = len(ending.ranking) - SHOWN
        if more > 0:
            console.print(f"and {more} more settings; {direction}d {metric}", style="dim")
    if ending.verdict:
        console.print(Text(ending.verdict))
    said = f"{len(outcome.trained)} trials trained, {len(outcome.reused)} taken from the store"
    if outcome.reused:
        said += f" ({outcome.seconds_saved:.1f} s of training saved)"
    for what, keys in (
        ("diverged", outcome.diverged),
        ("failed", outcome.failed),
        ("skipped", outcome.skipped),
    ):
        if keys:
            said += f", {len(keys)} {what}"
    seconds = "; ".join(f"{phase} {value:.1f} s" for phase, value in ending.seconds.items())
    console.print(Text(f"{said}. {seconds}"), style="dim")
    if ending.path is not None:
        console.print(Text(f"report   {ending.path}"), soft_wrap=True)
    home = ending.prepared.home
    console.print(Text(f"record   layerwise --home {home.path} ui"), soft_wrap=True)
    if outcome.interrupted:
        console.print(
            Text(f"go on    layerwise --home {home.path} run {name}   (nothing is trained twice)"),
            soft_wrap=True,
        )


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _interval(found: object) -> str:
    from ...dashboards.statistics import Interval

    assert isinstance(found, Interval)
    if not found.known:
        return f"{found.mean:.4g}"
    return f"{found.mean:.4g} ± {(found.high - found.low) / 2:.2g}"
