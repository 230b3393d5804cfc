"""Which cohorts this driver trains, when others are at work on the same store.

A cohort is handed out once this driver holds the lease of every trial in it. Trials that another
driver is training are left out of it and awaited, while all other work goes on: they are taken from
the store when they are there, or trained here when the other driver has gone without storing them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..plan.cohorts import Cohort
from ..plan.schedule import Schedule
from ..plan.trial import Metrics, Trial
from ..store.leases import Leases

# How often to look whether what is awaited has come.
POLL_SECONDS = 0.3

Manifest = Mapping[str, Any]


class Claims:
    """Hands out the cohorts of a schedule, each trial to one driver at a time.

    Args:
        schedule: the tree's state; what is awaited counts as running in it.
        leases: of this driver.
        look: the manifest of a trial that the store holds, else None.
        arrived: told of trials that another driver has stored, with their manifests by key; gives
            their last metrics.
        awaited: told of trials that another driver is training.
    """

    def __init__(
        self,
        schedule: Schedule,
        leases: Leases,
        look: Callable[[Trial], Manifest | None],
        arrived: Callable[[Cohort, Mapping[str, Manifest]], Mapping[str, Metrics]],
        awaited: Callable[[Cohort], None],
    ) -> None:
        self._schedule = schedule
        self._leases = leases
        self._look = look
        self._arrived = arrived
        self._awaited = awaited
        self._awaiting: dict[str, Cohort] = {}
        self._looked = 0.0

    @property
    def awaiting(self) -> tuple[Cohort, ...]:
        """What other drivers are training."""
        return tuple(self._awaiting.values())

    def next(self) -> Cohort | None:
        """A cohort to train now, every trial of it this driver's; None while there is none."""
        if self._awaiting and time.monotonic() - self._looked > POLL_SECONDS:
            for waited_for in self.awaiting:
                del self._awaiting[waited_for.name]
                mine = self._claim(waited_for)
                if mine is not None:
                    return mine
            self._looked = time.monotonic()
        while (cohort := self._schedule.next()) is not None:
            before = set(self._awaiting)
            mine = self._claim(cohort)
            for name in self._awaiting.keys() - before:
                self._awaited(self._awaiting[name])
            if mine is not None:
                return mine
        return None

    def again(self, cohort: Cohort) -> Cohort | None:
        """What is left to train of a cohort whose worker was lost, or that others took over.

        None where all of it is in the store: its worker was lost between storing and saying so.
        """
        return self._claim(cohort)

    def lost(self, cohort: Cohort) -> bool:
        """Whether others have taken over some of a cohort, while this driver was hanging."""
        if not self._leases.overslept:
            return False
        return not self._leases.lost().isdisjoint(trial.key for trial in cohort.trials)

    def release(self, cohort: Cohort) -> None:
        """Give back a cohort that was trained, or could not be."""
        self._leases.release(trial.key for trial in cohort.trials)

    def _claim(self, cohort: Cohort) -> Cohort | None:
        """What of the cohort is to be trained here and now; the rest is awaited, or has arrived."""
        held = self._leases.acquire(trial.key for trial in cohort.trials)
        # The store after the lease: who stores a trial does so before giving its lease back.
        stored = {
            trial.key: manifest
            for trial in cohort.trials
            if trial.key in held and (manifest := self._look(trial)) is not None
        }
        if not stored and len(held) == len(cohort.trials):
            return cohort
        if not held:
            self._awaiting[cohort.name] = cohort
            return None
        ours = [t for t in cohort.trials if t.key in held and t.key not in stored]
        come = [t for t in cohort.trials if t.key in stored]
        elsewhere = [t for t in cohort.trials if t.key not in held]
        made = iter(self._schedule.divide(cohort, (ours, come, elsewhere)))
        mine = next(made) if ours else None
        if come:
            there = next(made)
            self.release(there)
            self._schedule.finish(there, self._arrived(there, stored))
        if elsewhere:
            rest = next(made)
            self._awaiting[rest.name] = rest
        return mine
