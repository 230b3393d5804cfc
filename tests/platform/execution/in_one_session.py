"""Executions in this process, one after another on one Ray that is started once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layerwise.platform.data import load
from layerwise.platform.execution.execution import Execution, Outcome
from layerwise.platform.execution.ray_session import RaySession
from layerwise.platform.home import Home
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.plan.trial import Metrics
from layerwise.platform.study import Study
from layerwise.platform.tracking.tracked_trial import TrackedTrial


@dataclass
class Heard:
    """A listener that notes what it is told; ``recorded`` is what went to the record."""

    started_: list[Cohort] = field(default_factory=list)
    awaited_: list[Cohort] = field(default_factory=list)
    halved_: list[str] = field(default_factory=list)
    failed_: list[str] = field(default_factory=list)
    expected_: list[int] = field(default_factory=list)
    recorded: list[TrackedTrial] = field(default_factory=list)

    def started(self, cohort: Cohort) -> None:
        """See :class:`.Listener`."""
        self.started_.append(cohort)

    def awaited(self, cohort: Cohort) -> None:
        """See :class:`.Listener`."""
        self.awaited_.append(cohort)

    def progressed(self, cohort: Cohort, *further: Any) -> None:
        """See :class:`.Listener`."""

    def expected(self, trials: int) -> None:
        """See :class:`.Listener`."""
        self.expected_.append(trials)

    def halved(self, cohort: Cohort, cause: str) -> None:
        """See :class:`.Listener`."""
        self.halved_.append(cause)

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """See :class:`.Listener`."""

    def failed(self, cohort: Cohort, cause: str) -> None:
        """See :class:`.Listener`."""
        self.failed_.append(cause)

    def record(self, trials: Sequence[TrackedTrial]) -> None:
        """What :meth:`.Execution.run` is given for the record."""
        self.recorded += trials


def execution(home: Path, study: Mapping[str, Any]) -> Execution:
    """Of a study in a home that is made if need be."""
    made = Study(**study)
    place = Home(home)
    place.ensure()
    return Execution(made, load(made.data), place)


def run(session: RaySession, made: Execution, heard: Heard | None = None) -> Outcome:
    """Run it to its end."""
    heard = heard or Heard()
    made.prepare(session)
    outcome = made.run(session, heard, heard.record)  # type: ignore[arg-type]
    assert not heard.failed_
    return outcome
