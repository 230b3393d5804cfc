"""The tasks that a study's tree makes for workers: as planned, without sharing, without fusion.

As planned
    a task is a cohort, and a trial that others stand on is trained once.
Without sharing
    every stack is trained from the data upwards, and again what a promotion or a search has to see
    in between.
Without fusion
    a task is one trial.

A task waits for the tasks its trials read from, and at gates: behind a promotion for the whole
stage above, in a search for the rounds before.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .calibration import WIDTHS, StepTimes, best_width
from .cohorts import Cohort, form
from .promotion import compares
from .simulation import Task
from .trial import Trial
from .unfolding import Unfolded, remaining

Pace = Callable[[Trial, int], float]
"""Seconds that so many trials like this one take to train fused, to their last epoch."""

Gate = tuple[object, ...]


@dataclass(frozen=True)
class Arrangement:
    """Tasks, and how many times a stage is trained for a trial in all of them together."""

    tasks: tuple[Task, ...]
    trainings: int


class Arranging:
    """Makes the arrangements of a study.

    Args:
        tree: its trials.
        pace: what training takes.
        workers: how many tasks run side by side; it decides how wide to fuse.
    """

    def __init__(self, tree: Unfolded, pace: Pace, workers: int) -> None:
        self._tree = tree
        self._pace = pace
        self._workers = workers
        self._by_key = {trial.key: trial for trial in tree.trials}
        self._stages = {stage.name: stage for stage in tree.study.stages}
        self._waves = 1 + max(tree.wave.values(), default=0)
        self._gates: dict[Gate, list[str]] = defaultdict(list)
        for trial in tree.trials:
            for gate in self._decided_by(trial):
                self._gates[gate].append(trial.key)
        self._behind = {trial.key: self._behind_of(trial) for trial in tree.trials}

    def arrange(self, *, shared: bool = True, fused: bool = True) -> Arrangement:
        """The tasks, with and without what makes them few."""
        if shared:
            cohorts = self._cohorts() if fused else [Cohort((t,)) for t in self._tree.trials]
            return self._arranged([(cohort, (cohort.trials[0],)) for cohort in cohorts], shared)
        needed = self._stacks()
        groups: dict[object, list[Trial]] = {}
        for trial in needed:
            chain = self._chain(trial)
            alike = (self._waiting(trial, shared), *(below.structure for below in chain))
            groups.setdefault(alike if fused else trial.key, []).append(trial)
        units = []
        for members in groups.values():
            chain = self._chain(members[0])
            width = self._width(len(members), chain) if fused else 1
            units += [(cohort, chain) for cohort in form(members, _always(width))]
        return self._arranged(units, shared)

    def _cohorts(self) -> list[Cohort]:
        """What the schedule would fuse, if nothing failed."""
        families: dict[str, str] = {}
        made: list[Cohort] = []
        waves: dict[int, list[Trial]] = defaultdict(list)
        for trial in self._tree.trials:
            waves[self._tree.wave[trial.key]].append(trial)
        for _, rest in sorted(waves.items()):
            while rest:
                ready = [t for t in rest if all(parent in families for parent in t.parents)]
                taken = {trial.key for trial in ready}
                rest = [trial for trial in rest if trial.key not in taken]
                further = form(ready, lambda m: self._width(len(m), (m[0],)), families)
                made += further
                families |= {t.key: cohort.name for cohort in further for t in cohort.trials}
        return made

    def _width(self, trials: int, chain: Sequence[Trial]) -> int:
        """How many trials, or stacks, of a structure to fuse."""
        times = StepTimes(
            {width: sum(self._seconds(trial, width) for trial in chain) for width in WIDTHS}
        )
        return best_width(trials, self._workers, times, steps=1)

    def _seconds(self, trial: Trial, width: int) -> float:
        """Seconds of so many trials trained together, of which halving may drop some."""
        epochs = max(1, int(trial.settings["epochs"]))
        total = 0.0
        for some, share in remaining(self._stages[trial.stage], epochs):
            left = width * share
            together = max(1, math.ceil(left - 1e-9))
            total += some / epochs * self._pace(trial, together) * min(1.0, left)
        return total

    def _chain(self, trial: Trial) -> tuple[Trial, ...]:
        """The trial and all it stands on, each once, the trial first."""
        found: dict[str, Trial] = {trial.key: trial}
        for parent in trial.parents:
            found |= {below.key: below for below in self._chain(self._by_key[parent])}
        return tuple(found.values())

    def _stacks(self) -> list[Trial]:
        """The trials that are wanted for their own sake: those that compete, and the topmost."""
        above = {parent for trial in self._tree.trials for parent in trial.parents}
        return [
            trial
            for trial in self._tree.trials
            if trial.key not in above
            or self._stages[trial.stage].keep is not None
            or self._stages[trial.stage].search is not None
        ]

    def _decided_by(self, trial: Trial) -> Iterator[Gate]:
        """The gates that open when this trial, among others, has ended."""
        wave, stage = self._tree.wave[trial.key], self._stages[trial.stage]
        if compares(stage):
            yield "seeds", trial.setting
        if stage.keep is not None and stage.keep.value == "own":
            yield "promotion", stage.name
        if stage.search is not None:
            yield self._round(trial, wave)
        for name in {below.stage for below in self._chain(trial)}:
            keep = self._stages[name].keep
            if keep is not None and keep.value == "descendants":
                for later in range(wave + 1, self._waves):
                    yield "descendants", name, later

    def _behind_of(self, trial: Trial) -> tuple[Gate, ...]:
        """The gates that a trial itself waits at."""
        wave = self._tree.wave[trial.key]
        gates = [self._round(trial, wave - 1)]
        for parent in (self._by_key[key] for key in trial.parents):
            # What was known together with its parent only waits for the parent.
            if wave > self._tree.wave[parent.key]:
                gates += [("promotion", parent.stage), ("seeds", parent.setting)]
                gates.append(("descendants", parent.stage, wave))
        return tuple(gate for gate in gates if gate in self._gates)

    def _round(self, trial: Trial, wave: int) -> Gate:
        """A round of the search that a trial belongs to; parents are searched under separately."""
        above = tuple(self._by_key[key].setting for key in trial.parents)
        return "round", trial.stage, above, wave

    def _waiting(self, trial: Trial, shared: bool) -> tuple[Gate, ...]:
        chain = (trial,) if shared else self._chain(trial)
        return tuple(dict.fromkeys(gate for one in chain for gate in self._behind[one.key]))

    def _arranged(
        self, units: Iterable[tuple[Cohort, Sequence[Trial]]], shared: bool
    ) -> Arrangement:
        """Tasks of cohorts, each of which trains the stages of a chain."""
        units = list(units)
        place = {t.key: n for n, (cohort, _) in enumerate(units) for t in cohort.trials}
        gate_place = {gate: len(units) + n for n, gate in enumerate(self._gates)}
        tasks = []
        for cohort, chain in units:
            width = len(cohort.trials)
            seconds = sum(self._seconds(trial, width) for trial in chain)
            after = {place[parent] for parent in cohort.parents} if shared else set()
            for trial in cohort.trials:
                after |= {gate_place[gate] for gate in self._waiting(trial, shared)}
            tasks.append(Task(seconds, tuple(sorted(after))))
        for members in self._gates.values():
            tasks.append(Task(0.0, tuple({place[key]: None for key in members}), gate=True))
        trainings = sum(len(cohort.trials) * len(chain) for cohort, chain in units)
        return Arrangement(tuple(tasks), trainings)


def _always(width: int) -> Callable[[Sequence[Trial]], int]:
    return lambda members: width
