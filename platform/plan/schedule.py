"""What may train now: the study's tree as it unfolds, cohort by cohort. Needs no Ray.

A cohort is ready when every parent of its trials is done; nothing waits for a whole layer, except
behind a promotion (``keep``), which must see all it chooses from. A search goes on under one parent
while others still wait. The cohorts made are written down as they are made, so that an interrupted
study goes on with the same ones, to the same bits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..study.study import Study
from .cohorts import Cohort, form, halves, remembered
from .ledger import Ledger, LedgerForReading
from .spending import Spending
from .tree import Plan, Tree
from .trial import STOPPED, Metrics, Source, Trial

__all__ = ["Ledger", "LedgerForReading", "Schedule"]

Width = Callable[[Sequence[Trial]], int]


class Schedule:
    """The state of a study between its first cohort and its last.

    Args:
        study: what the person wrote.
        source: the data's digest and size.
        stored: last metrics of trials that the store holds already, by key; empty if diverged.
        families: the cohort each stored trial was trained in, by key.
        width: how many trials of one structure to fuse.
        ledger: where cohorts are written down.
        tree: the study's tree, if it has been grown already.
        clock: seconds that only go forward, for a budget of minutes.
    """

    def __init__(
        self,
        study: Study,
        source: Source,
        stored: Mapping[str, Metrics],
        families: Mapping[str, str],
        width: Width,
        ledger: Ledger,
        tree: Tree | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.study = study
        self.source = source
        self.finished: dict[str, Metrics] = dict(stored)
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.unspent: dict[str, str] = {}
        """Trials that the budget left out, and why."""
        self.running: dict[str, Cohort] = {}
        self.waiting: deque[Cohort] = deque()
        self._tree = tree or Tree(study, source)
        self.plan: Plan = self._tree.grown(self.finished)
        self._families = dict(families)
        self._width = width
        self._ledger = ledger
        self._spending = Spending(study.budget, clock)
        self._known: dict[str, Trial] = {}
        self._place: dict[str, int] = {}
        self._missing: dict[str, int] = {}
        self._children: dict[str, list[str]] = {}
        self._assigned: set[str] = set()
        self._earlier: dict[str, list[int]] = {}
        self._written = ledger.read()
        for number, keys in enumerate(self._written):
            for key in keys:
                self._earlier.setdefault(key, []).append(number)
        self._release(self._adopt())

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more can be released."""
        return not self.running and not self.waiting

    def cohorts(self) -> list[Cohort]:
        """The cohorts of every trial that is known and still to be trained, released or not.

        Those that are not released yet are what they would be if all went to plan.
        """
        made = [*self.waiting, *self.running.values()]
        families = dict(self._families)
        for cohort in made:
            families.update(dict.fromkeys((t.key for t in cohort.trials), cohort.name))
        left = {t.key: t for t in self.plan.trials() if t.key not in families}
        for gone in (self.failed, self.skipped, self.unspent):
            for key in gone:
                left.pop(key, None)
        while True:
            rest = [t for t in left.values() if all(parent in families for parent in t.parents)]
            if not rest:
                return made
            further = form(rest, self._width, families)
            made += further
            for cohort in further:
                families.update(dict.fromkeys((t.key for t in cohort.trials), cohort.name))
                for trial in cohort.trials:
                    del left[trial.key]

    def next(self) -> Cohort | None:
        """A cohort to train now, or None while everything released is running."""
        cause = self._spending.late()
        if cause is not None:
            while self.waiting:
                self._leave_out([trial.key for trial in self.waiting.popleft().trials], cause)
        if not self.waiting:
            return None
        cohort = self.waiting.popleft()
        self.running[cohort.name] = cohort
        return cohort

    def finish(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """A cohort is done: these are its trials' last metrics, empty for a diverged trial."""
        name = cohort.name
        self.running.pop(name, None)
        self.finished.update(metrics)
        touched = []
        for trial in cohort.trials:
            self._families[trial.key] = name
            for child in self._children.get(trial.key, ()):
                self._missing[child] -= 1
                touched.append(child)
        if not self.plan.decided or self.study.more_seeds is not None:
            self.plan = self._tree.grown(self.finished)
            touched += self._adopt()
        self._release(touched)

    def divide(self, cohort: Cohort, parts: Iterable[Sequence[Trial]]) -> list[Cohort]:
        """Let a running cohort go on as several that run, each of them finished on its own."""
        self.running.pop(cohort.name, None)
        made = [Cohort(tuple(part)) for part in parts if part]
        self.running.update({one.name: one for one in made})
        return made

    def halve(self, cohort: Cohort) -> bool:
        """Let a running cohort be trained in two halves, before anything else that waits.

        Returns:
            False for a single trial, which cannot be halved and is left running.
        """
        if len(cohort.trials) == 1:
            return False
        self.running.pop(cohort.name, None)
        parts = [Cohort(part) for part in halves(cohort.trials)]
        self._ledger.add(parts)
        self.waiting.extendleft(reversed(parts))
        return True

    def fail(self, cohort: Cohort, cause: str) -> None:
        """A cohort could not be trained; what stands on it is skipped with the cause."""
        self.running.pop(cohort.name, None)
        self.failed.update({trial.key: cause for trial in cohort.trials})
        below = [self._children.get(trial.key, ()) for trial in cohort.trials]
        self._release([child for children in below for child in children])

    def _adopt(self) -> list[str]:
        """The trials that the plan has and this schedule did not know yet."""
        fresh: list[Trial] = []
        for trial in self.plan.trials():
            # Two stages may ask for the very same trial; it is trained once.
            if trial.key not in self._known:
                self._known[trial.key] = trial
                self._place[trial.key] = len(self._place)
                fresh.append(trial)
        for trial in fresh:
            open_parents = [p for p in dict.fromkeys(trial.parents) if p not in self.finished]
            self._missing[trial.key] = len(open_parents)
            for parent in open_parents:
                self._children.setdefault(parent, []).append(trial.key)
        self._spending.know(fresh)
        for trial in fresh:
            if trial.key in self.finished:
                self._spending.pay(trial, anyway=True)
        return [trial.key for trial in fresh]

    def _release(self, touched: Iterable[str]) -> None:
        """Cut into cohorts what can train now, out of the trials for which something changed."""
        ready = []
        for key in sorted(set(touched), key=self._place.__getitem__):
            if self._is_placed(key):
                continue
            trial = self._known[key]
            cause = self._lost_parent(trial)
            if cause is not None:
                self._skip(key, cause)
            elif (spent := self._unspent_parent(trial)) is not None:
                self._leave_out([key], spent)
            elif not self._missing[key]:
                spent = self._spending.pay(trial)
                if spent is not None:
                    self._leave_out([key], spent)
                    continue
                ready.append(trial)
                self._assigned.add(key)
        if not ready:
            return
        numbers = sorted({n for trial in ready for n in self._earlier.get(trial.key, ())})
        made = remembered(ready, [self._written[number] for number in numbers])
        taken = {trial.key for cohort in made for trial in cohort.trials}
        further = form([t for t in ready if t.key not in taken], self._width, self._families)
        self._ledger.add(further)
        self.waiting += [*made, *further]

    def _is_placed(self, key: str) -> bool:
        """Whether it is settled what becomes of a trial."""
        return (
            key in self.finished
            or key in self._assigned
            or key in self.failed
            or key in self.skipped
            or key in self.unspent
        )

    def _lost_parent(self, trial: Trial) -> str | None:
        for parent in trial.parents:
            found = self.finished.get(parent)
            if found is not None and not found:
                return f"its parent {parent[:12]} diverged"
            if found is not None and STOPPED in found:
                return f"its parent {parent[:12]} was stopped after epoch {found[STOPPED]:.0f}"
            if parent in self.failed:
                return f"its parent {parent[:12]} failed: {self.failed[parent]}"
            if parent in self.skipped:
                return self.skipped[parent]
        return None

    def _unspent_parent(self, trial: Trial) -> str | None:
        return next((self.unspent[key] for key in trial.parents if key in self.unspent), None)

    def _skip(self, key: str, cause: str) -> None:
        """Skip a trial and what stands on it."""
        self.skipped[key] = cause
        for child in self._children.get(key, ()):
            if not self._is_placed(child):
                self._skip(child, cause)

    def _leave_out(self, keys: Iterable[str], cause: str) -> None:
        """Leave trials to another day, and what stands on them."""
        for key in keys:
            self.unspent[key] = cause
            below = (child for child in self._children.get(key, ()) if not self._is_placed(child))
            self._leave_out(below, cause)
