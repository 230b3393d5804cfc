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
from ..plan.trial import Metrics

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
            title = f"  {cohort.stage}, {len(cohort.trials)} fused, epoch"
            self._cohorts[cohort.name] = self._bars.add_task(title, total=epochs)

    def progressed(self, cohort: Cohort, epoch: int, epochs: int) -> None:
        """Move the cohort's bar."""
        self._bars.update(self._trials, description="trials")
        task = self._cohorts.get(cohort.name)
        if task is not None:
            self._bars.update(task, completed=max(epoch, 0), total=epochs)

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """Close the cohort's bar and count its trials."""
        self._close(cohort)
        self._bars.advance(self._trials, len(cohort.trials))

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

    def progressed(self, cohort: Cohort, epoch: int, epochs: int) -> None:
        """A line, if the last one is some seconds old."""
        now = time.monotonic()
        if now - self._said > LINE_SECONDS and epoch > 0:
            self._said = now
            self._say(f"{cohort.stage}: cohort {cohort.name}, epoch {epoch} of {epochs}")

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """A line for every finished cohort."""
        self._done += len(cohort.trials)
        self._say(
            f"{cohort.stage}: cohort {cohort.name} done, {self._done} of {self._total} trials"
        )

    def failed(self, cohort: Cohort, cause: str) -> None:
        """A line with the cause."""
        self._say(f"{cohort.stage}: cohort {cohort.name} failed: {cause}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def display(total: int, console: Console) -> LiveProgress | LineProgress:
    """The display that suits where the output goes."""
    return LiveProgress(total, console) if console.is_terminal else LineProgress(total, console)
