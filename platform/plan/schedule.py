"""What may train now: the study's tree as it unfolds, cohort by cohort. Needs no Ray.

A cohort is ready when every parent of its trials is done; nothing waits for a whole layer, except
behind a promotion (``keep``), which must see all it chooses from. The cohorts made are written down
as they are made, so that an interrupted study goes on with the same ones, to the same bits.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ..study.study import Study
from .cohorts import Cohort, form, remembered
from .tree import Plan, plan
from .trial import Metrics, Source, Trial

Width = Callable[[Sequence[Trial]], int]


class Ledger:
    """The cohorts a study was cut into, kept beside the store for the next execution."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[list[str]]:
        """The keys of each cohort, in the order made; a damaged ledger counts as none."""
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return []
        return [list(map(str, keys)) for keys in found] if isinstance(found, list) else []

    def add(self, cohorts: Iterable[Cohort]) -> None:
        """Write further cohorts down, before they train."""
        known = self.read()
        known += [keys for c in cohorts if (keys := [t.key for t in c.trials]) not in known]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(known))
        os.replace(temporary, self.path)


class LedgerForReading(Ledger):
    """A ledger that a plan looks at and does not write."""

    def add(self, cohorts: Iterable[Cohort]) -> None:
        """Nothing is written down: nothing is going to train."""


class Schedule:
    """The state of a study between its first cohort and its last.

    Args:
        study: what the person wrote.
        source: the data's digest and size.
        stored: last metrics of trials that the store holds already, by key; empty if diverged.
        families: the cohort each stored trial was trained in, by key.
        width: how many trials of one structure to fuse.
        ledger: where cohorts are written down.
    """

    def __init__(
        self,
        study: Study,
        source: Source,
        stored: Mapping[str, Metrics],
        families: Mapping[str, str],
        width: Width,
        ledger: Ledger,
    ) -> None:
        self.study = study
        self.source = source
        self.finished: dict[str, Metrics] = dict(stored)
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.running: dict[str, Cohort] = {}
        self.waiting: list[Cohort] = []
        self.plan: Plan = plan(study, source, self.finished)
        self._families = dict(families)
        self._width = width
        self._ledger = ledger
        self._assigned: set[str] = set()
        self._release()

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more can be released."""
        return not self.running and not self.waiting

    def cohorts(self) -> list[Cohort]:
        """The cohorts of every trial that is known and still to be trained, released or not.

        Those that are not released yet are what they would be if all went to plan.
        """
        made = self.waiting + list(self.running.values())
        families = dict(self._families)
        families.update({t.key: cohort.name for cohort in made for t in cohort.trials})
        while True:
            rest = [
                trial
                for trial in self.plan.trials()
                if trial.key not in families
                and trial.key not in self.failed
                and trial.key not in self.skipped
                and all(parent in families for parent in trial.parents)
            ]
            if not rest:
                return made
            further = form(rest, self._width, families)
            made += further
            families.update({t.key: cohort.name for cohort in further for t in cohort.trials})

    def next(self) -> Cohort | None:
        """A cohort to train now, or None while everything released is running."""
        if not self.waiting:
            return None
        cohort = self.waiting.pop(0)
        self.running[cohort.name] = cohort
        return cohort

    def finish(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """A cohort is done: these are its trials' last metrics, empty for a diverged trial."""
        self.running.pop(cohort.name, None)
        self.finished.update(metrics)
        self._families.update({trial.key: cohort.name for trial in cohort.trials})
        if not self.plan.decided:
            self.plan = plan(self.study, self.source, self.finished)
        self._release()

    def fail(self, cohort: Cohort, cause: str) -> None:
        """A cohort could not be trained; what stands on it is skipped with the cause."""
        self.running.pop(cohort.name, None)
        self.failed.update({trial.key: cause for trial in cohort.trials})
        self._release()

    def _release(self) -> None:
        ready = []
        for trial in self.plan.trials():
            if trial.key in self.finished or trial.key in self._assigned:
                continue
            if trial.key in self.failed or trial.key in self.skipped:
                continue
            cause = self._lost_parent(trial)
            if cause is not None:
                self.skipped[trial.key] = cause
            elif all(parent in self.finished for parent in trial.parents):
                ready.append(trial)
                self._assigned.add(trial.key)
        if not ready:
            return
        # Two stages may ask for the very same trial; it is trained once.
        ready = list({trial.key: trial for trial in ready}.values())
        made = remembered(ready, self._ledger.read())
        taken = {trial.key for cohort in made for trial in cohort.trials}
        rest = [trial for trial in ready if trial.key not in taken]
        made += form(rest, self._width, self._families)
        self._ledger.add(made)
        self.waiting += made

    def _lost_parent(self, trial: Trial) -> str | None:
        for parent in trial.parents:
            if parent in self.finished and not self.finished[parent]:
                return f"its parent {parent[:12]} diverged"
            if parent in self.failed:
                return f"its parent {parent[:12]} failed: {self.failed[parent]}"
            if parent in self.skipped:
                return self.skipped[parent]
        return None
