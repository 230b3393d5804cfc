"""The ranked answer in a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...dashboards.statistics import interval
from ..answer.controls import ERROR
from ..answer.ranking import CLASSIFIED, TEST, Ranked, target
from ..home import Home
from ..tracking.tracked_trial import as_text
from ..uses.findings import Measured

if TYPE_CHECKING:
    from .ending import Ending

SHOWN = 8
LIKELIHOODS = ("test/log_likelihood", "test/log_likelihood_bound")
MARKS = {"holds": "✓", "fails": "✗", "untold": "?"}
FROM_BEST, MAY_BE = "from the best", "≈"
PHASES = {"start": "start", "train": "train", "track": "record", "report": "report"}


def show(console: Console, ending: Ending, name: str) -> None:
    """The best settings, the verdict, and the commands that lead on."""
    study, outcome = ending.prepared.study, ending.outcome
    if ending.ranking:
        console.print()
        metric, direction = target(study, study.in_order()[-1].name)
        settings(console, ending.ranking, metric, direction)
    elif not outcome.interrupted:
        console.print("No setting trained to its end with every seed: there is nothing to rank.")
    if said := ending.winner.get("said"):
        console.print(Text(str(said)))
    if ending.verdict:
        console.print(Text(ending.verdict))
    found = ending.findings
    for measure in found.measures if found is not None else []:
        contest(console, measure)
    for sentence in found.said if found is not None else []:
        console.print(Text(sentence))
    if ending.claims:
        console.print()
    for claim in ending.claims:
        console.print(Text(f"{MARKS[claim.verdict]} {claim.said}"))
    console.print()
    said = f"{len(outcome.trained)} trials trained, {len(outcome.reused)} taken from the store"
    if outcome.reused:
        stages = [f"{count} of {stage}" for stage, (count, _) in outcome.not_trained.items()]
        said += f" ({', '.join(stages)}; {outcome.seconds_saved:.1f} s of training saved)"
    for what, keys in (
        ("diverged", outcome.diverged),
        ("failed", outcome.failed),
        ("skipped", outcome.skipped),
        ("stopped early", outcome.stopped),
        ("beyond the budget", outcome.unspent),
    ):
        if keys:
            said += f", {len(keys)} {what}"
    seconds = ending.seconds
    parts = [f"{word} {seconds[phase]:.1f}" for phase, word in PHASES.items() if phase in seconds]
    console.print(Text(f"{said}. {seconds['total']:.1f} s: {', '.join(parts)}."), style="dim")
    for cause in dict.fromkeys((*outcome.failed.values(), *outcome.skipped.values())):
        console.print(Text(f"not trained: {cause}"), soft_wrap=True)
    command = _command(ending.prepared.home)
    if ending.path is not None:
        console.print(Text(f"report   {ending.path}"), soft_wrap=True)
    console.print(Text(f"MLflow   {command} ui"), soft_wrap=True)
    if outcome.interrupted:
        again = f"go on    {command} run {quote(name)}   (nothing is trained twice)"
        console.print(Text(again), soft_wrap=True)


def settings(console: Console, ranking: Sequence[Ranked], metric: str, direction: str) -> None:
    """A row per setting; each number the mean over seeds ± half of its 95 % interval.

    Behind the objective stands the paired difference from the best.
    """
    aim, *others = _columns(ranking[0], metric)
    compared = any(row.difference.known for row in ranking)
    # Where its condition does not hold, a hyperparameter is left out of a setting.
    swept = list(dict.fromkeys(path for row in ranking for path in row.values))
    headers = ["", *swept, _heading(aim)]
    headers += [FROM_BEST] if compared else []
    headers += [_heading(name) for name in others]
    rows = [
        [
            f"{row.rank}",
            *(_number(row.values[path]) if path in row.values else "" for path in swept),
            _cell(row, aim),
            *([_difference(row)] if compared else []),
            *(_cell(row, name) if name in row.metrics else "" for name in others),
        ]
        for row in ranking[:SHOWN]
    ]
    seeds = len(ranking[0].trials)
    most = "up to " if any(len(row.trials) < seeds for row in ranking) else ""
    order = "lowest" if direction == "minimize" else "highest"
    said = f"{metric}, {order} first"
    if seeds > 1:
        said += f"; mean over {most}{seeds} seeds ± 95 % interval"
    if compared and any(row.contends for row in ranking[1:]):
        said += f"; {MAY_BE} may be the best as well"
    console.print(Text(said, style="dim"))
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > console.width:
        headers = [header.replace(".", ".\n").replace(" ", "\n") for header in headers]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for header in headers:
        table.add_column(header, justify="right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
    if len(ranking) > SHOWN:
        more = f"and {len(ranking) - SHOWN} more, all of them in the report"
        console.print(more, style="dim")


def contest(console: Console, measure: Measured) -> None:
    """A row for each contestant of a use's measure, the best first, and how far it is from it."""
    sign = -1 if measure.better == "higher" else 1
    rows = [(one, interval(list(one.values.values()))) for one in measure.contestants]
    rows.sort(key=lambda row: sign * row[1].mean if math.isfinite(row[1].mean) else math.inf)
    console.print()
    seeds = max((len(one.values) for one in measure.contestants), default=0)
    said = f"{measure.label} ({measure.unit}), {measure.better} is better"
    if seeds > 1:
        said += f"; mean over up to {seeds} seeds ± 95 % interval"
    console.print(Text(said, style="dim"))
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for one, found in rows:
        cell = f"{found.mean:.4g}"
        if found.known and found.high > found.low:
            cell += f" ± {(found.high - found.low) / 2:.2g}"
        table.add_row(Text(one.label), Text(cell), Text("control" if one.control else ""))
    console.print(table)


def _difference(row: Ranked) -> str:
    """The paired difference from the best, marked where it may be none or to its favour."""
    found = row.difference
    if not found.known:
        return "" if row.rank == 1 else f"{found.mean:+.3g}"
    mark = f"{MAY_BE} " if row.contends else ""
    return f"{mark}{found.mean:+.3g} ± {(found.high - found.low) / 2:.2g}"


def _heading(metric: str) -> str:
    """The split alone for the error, which the line above has named; else split and measure."""
    split, _, measure = metric.partition("/")
    return split if measure == ERROR else f"{split} {measure}"


def _command(home: Home) -> str:
    """``layerwise``, with the home where it would not be found without."""
    found = Home.from_environment().path == home.path
    return "layerwise" if found else f"layerwise --home {quote(str(home.path))}"


def _columns(best: Ranked, metric: str) -> list[str]:
    """The metrics that are worth a column: the objective, and what counts on the test set."""
    wanted = (metric, f"test/{metric.partition('/')[2]}", *LIKELIHOODS, CLASSIFIED, TEST)
    return [name for name in dict.fromkeys(wanted) if name in best.metrics]


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else as_text(value)


def _cell(row: Ranked, metric: str) -> str:
    found, doubted = row.metrics[metric], row.doubts.get(metric)
    text = f"{found.mean:.4g}"
    if found.known:
        text += f" ± {(found.high - found.low) / 2:.2g}"
    if doubted is not None:
        text += f" unreliable: {doubted.low:.4g} to {doubted.high:.4g}"
    return text
