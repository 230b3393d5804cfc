"""What a person sees while a study trains: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from ..plan.cohorts import Cohort
from ..plan.trial import STOPPED, Metrics

# Off a terminal a line is due at most this often, so that a log stays readable.
LINE_SECONDS = 5.0


class LiveProgress:
    """A bar for trials and one for every cohort that is in training.

    Args:
        total: how many trials will be trained.
        console: where to draw.
    """

    def __init__(self, total: int, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        # Until the first cohort is in training it is Ray that takes the time.
        self._trials = self._bars.add_task("starting" if total else "trials", total=total)
        self._cohorts: dict[str, TaskID] = {}
        # Left alone, rich takes over standard output and shows what belongs into the log.
        self._live = Live(
            self._bars,
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def started(self, cohort: Cohort) -> None:
        """A bar for the cohort's epochs."""
        if cohort.name not in self._cohorts:
            epochs = int(cohort.trials[0].settings["epochs"])
            title = _title(cohort, len(cohort.trials))
            self._cohorts[cohort.name] = self._bars.add_task(title, total=epochs)

    def awaited(self, cohort: Cohort) -> None:
        """Say that they are trained elsewhere."""
        self._bars.update(self._trials, description="trials")
        self._bars.console.print(Text(_awaited(cohort)))

    def progressed(self, cohort: Cohort, epoch: int, epochs: int, training: int) -> None:
        """Move the cohort's bar, and say how many of its trials go on."""
        self._bars.update(self._trials, description="trials")
        task = self._cohorts.get(cohort.name)
        if task is not None:
            title = _title(cohort, training)
            self._bars.update(task, description=title, completed=max(epoch, 0), total=epochs)

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """Close the cohort's bar and count its trials."""
        self._close(cohort)
        self._bars.advance(self._trials, len(cohort.trials))

    def expected(self, trials: int) -> None:
        """Lengthen or shorten the bar of trials."""
        self._bars.update(self._trials, total=trials)

    def halved(self, cohort: Cohort, cause: str) -> None:
        """Close the cohort's bar and say why."""
        self._close(cohort)
        self._bars.console.print(Text(_halved(cohort, cause)))

    def failed(self, cohort: Cohort, cause: str) -> None:
        """Close the cohort's bar and say why."""
        self._close(cohort)
        said = f"cohort {cohort.name} of {cohort.stage} failed: {cause}"
        self._bars.console.print(Text(said, style="red"))

    def _close(self, cohort: Cohort) -> None:
        task = self._cohorts.pop(cohort.name, None)
        if task is not None:
            self._bars.remove_task(task)


class LineProgress:
    """The same in plain lines, a line every few seconds."""

    def __init__(self, total: int, console: Console) -> None:
        self._total = total
        self._console = console
        self._done = 0
        self._said = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def started(self, cohort: Cohort) -> None:
        """Nothing to say yet."""

    def awaited(self, cohort: Cohort) -> None:
        """A line that they are trained elsewhere."""
        self._say(_awaited(cohort))

    def progressed(self, cohort: Cohort, epoch: int, epochs: int, training: int) -> None:
        """A line, if the last one is some seconds old."""
        now = time.monotonic()
        if now - self._said > LINE_SECONDS and epoch > 0:
            self._said = now
            left = len(cohort.trials) - training
            said = f", {training} of {len(cohort.trials)} trials go on" if left else ""
            self._say(f"{cohort.stage}: cohort {cohort.name}, epoch {epoch} of {epochs}{said}")

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """A line for every finished cohort."""
        self._done += len(cohort.trials)
        stopped = sum(STOPPED in found for found in metrics.values())
        said = f", {stopped} of these {len(cohort.trials)} stopped early" if stopped else ""
        self._say(
            f"{cohort.stage}: cohort {cohort.name} done, {self._done} of {self._total} trials{said}"
        )

    def expected(self, trials: int) -> None:
        """Count against the new number from now on."""
        self._total = trials

    def halved(self, cohort: Cohort, cause: str) -> None:
        """A line with the cause."""
        self._say(_halved(cohort, cause))

    def failed(self, cohort: Cohort, cause: str) -> None:
        """A line with the cause."""
        self._say(f"{cohort.stage}: cohort {cohort.name} failed: {cause}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _title(cohort: Cohort, training: int) -> str:
    fused = len(cohort.trials)
    said = f"{fused} fused" if training == fused else f"{training} of {fused} still fused"
    return f"  {cohort.stage}, {said}, epoch"


def _awaited(cohort: Cohort) -> str:
    count = len(cohort.trials)
    said = f"{count} trials are" if count > 1 else "1 trial is"
    return f"{cohort.stage}: {said} being trained by another run, and awaited"


def _halved(cohort: Cohort, cause: str) -> str:
    count = len(cohort.trials)
    return f"{cohort.stage}: {count} fused trials do not fit into memory and go on as two: {cause}"


def display(total: int, console: Console) -> LiveProgress | LineProgress:
    """The display that suits where the output goes."""
    return LiveProgress(total, console) if console.is_terminal else LineProgress(total, console)
