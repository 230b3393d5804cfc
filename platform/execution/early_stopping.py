"""Trials that end before their last epoch: those that have lost to others, those that are done.

Halving and the median rule compare seed groups, the trials of a cohort that differ in nothing but
the seed, with every group of the stage that any cohort has recorded in :mod:`.rungs`; a plateau is
a matter of one trial. A trial that leaves by a plateau is finished, and goes on to count in its
group with what it had reached; one that diverged takes its group out of the competition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...models.training import Epoch
from ..plan.cohorts import Cohort
from ..plan.trial import COMPARING, Trial, digest
from .rungs import Rungs


class EarlyStopping:
    """Decides after each epoch which trials of a cohort leave, and by which rule.

    Args:
        cohort: the trials, in the order in which ``Epoch.trials`` counts them.
        rungs: where cohorts of the plan record what they have reached; None where this one is to
            be compared with nothing but itself.

    Raises:
        StoreError: ``rungs`` cannot be written.
    """

    def __init__(self, cohort: Cohort, rungs: Path | None = None) -> None:
        first = cohort.trials[0]
        self._epochs = int(first.settings["epochs"])
        self._rules: Mapping[str, Mapping[str, Any]] = first.stop
        self._lost: set[int] = set()
        self._finished: set[int] = set()
        self._left: set[int] = set()
        self._plateaus = [_Plateau() for _ in cohort.trials]
        self._reached: dict[str, dict[int, float]] = {name: {} for name in COMPARING}
        self._sums = dict.fromkeys(range(len(cohort.trials)), 0.0)
        members: dict[str, list[int]] = {}
        for index, trial in enumerate(cohort.trials):
            members.setdefault(trial.setting, []).append(index)
        self._groups, self._settings = list(members.values()), list(members)
        self._rungs: Rungs | None = None
        if any(name in self._rules for name in COMPARING):
            folder = None if rungs is None else rungs / folder_of(first)
            keys = [tuple(cohort.trials[i].key for i in group) for group in self._groups]
            self._rungs = Rungs(folder, cohort.name, keys, self._settings)

    def after(self, epoch: Epoch) -> dict[int, str]:
        """The trials that leave after an epoch, each with the name of the rule.

        Raises:
            StoreError: what was reached could not be recorded.
        """
        self._lost |= epoch.diverged.keys()
        if not self._rules or epoch.number >= self._epochs:
            return {}
        leaving: dict[int, str] = {}
        if "plateau" in self._rules:
            leaving = dict.fromkeys(self._level(epoch, self._rules["plateau"]), "plateau")
            self._finished |= leaving.keys()
        for name in COMPARING:
            if name in self._rules:
                self._note(name, epoch)
                for group in self._losers(name, epoch.number):
                    staying = set(self._groups[group]) & set(epoch.trials) - leaving.keys()
                    leaving |= dict.fromkeys(staying, name)
                    self._left |= staying
        return leaving

    def close(self) -> None:
        """The cohort is done: what it has reached stands."""
        if self._rungs is not None:
            self._rungs.close()

    def _level(self, epoch: Epoch, rule: Mapping[str, Any]) -> list[int]:
        """The trials that have not become better for as many epochs as the rule is patient."""
        return [
            trial
            for trial, value in _signed(epoch, rule).items()
            if self._plateaus[trial].is_over(value, rule["patience"], rule["tolerance"])
        ]

    def _note(self, name: str, epoch: Epoch) -> None:
        """What each trial has reached by a rule: its value, or the mean of all until now."""
        found = _signed(epoch, self._rules[name])
        if name == "median" and epoch.number > 0:
            for trial, value in found.items():
                self._sums[trial] += value
            found = {trial: self._sums[trial] / epoch.number for trial in found}
        self._reached[name] |= found

    def _losers(self, name: str, number: int) -> list[int]:
        """The groups, by their place, that a rule lets go after this epoch."""
        rule, rungs = self._rules[name], self._rungs
        assert rungs is not None
        if not is_due(name, rule, number):
            return []
        values = [self._value(name, group) for group in self._groups]
        rungs.record(name, number, values)
        decided = rungs.decided(name, number, values)
        if decided is not None:
            return decided
        others = rungs.others(name, number)
        if name == "halving":
            losers = beyond_the_best(values, others, rule["factor"])
        else:
            losers = beyond_the_median(values, others)
        elsewhere = rungs.decided_elsewhere(name, number)
        left = [
            place
            for place, (setting, group) in enumerate(zip(self._settings, self._groups, strict=True))
            # A group with a diverged trial has lost, whatever the others of it reach.
            if self._lost.intersection(group) or elsewhere.get(setting, place in losers)
        ]
        rungs.decide(name, number, values, left)
        return left

    def _value(self, name: str, group: Sequence[int]) -> float | None:
        """The mean over a group, lower being better; None where it competes no more.

        By halving those that left are not at this rung. By the median rule they still count, with
        what they had reached: else the half that stays would be halved again at every epoch.
        """
        reached = self._reached[name]
        out = self._lost if name == "median" else self._lost | self._left
        if out.intersection(group) or any(trial not in reached for trial in group):
            return None
        return sum(reached[trial] for trial in group) / len(group)


def is_due(name: str, rule: Mapping[str, Any], epoch: int) -> bool:
    """Whether a rule compares after this epoch: halving at its rungs, the median from one on."""
    return is_rung(epoch, rule) if name == "halving" else epoch >= int(rule["from"])


def is_rung(epoch: int, rule: Mapping[str, Any]) -> bool:
    """Whether the halving rule compares after this epoch: from, from · factor, from · factor², …"""
    rung = int(rule["from"])
    while rung < epoch:
        rung *= int(rule["factor"])
    return rung == epoch


def beyond_the_best(
    values: Sequence[float | None], others: Sequence[float], factor: int
) -> list[int]:
    """The places of the values that are not in the best 1/factor of all, lower being better.

    At least one is the best; equal ones stay or leave together.
    """
    own = [value for value in values if value is not None]
    everyone = np.sort([*own, *others])
    quota = max(1, len(everyone) // factor)
    return [
        place
        for place, value in enumerate(values)
        if value is not None and np.searchsorted(everyone, value) >= quota
    ]


def beyond_the_median(values: Sequence[float | None], others: Sequence[float]) -> list[int]:
    """The places of the values that are higher than the median of all the rest."""
    own = [value for value in values if value is not None]
    everyone = np.sort([*own, *others])
    rest = len(everyone) - 1
    if rest < 1:
        return []
    found = []
    for place, value in enumerate(values):
        if value is not None:
            at = int(np.searchsorted(everyone, value))
            # The rest without its own place: what lies behind it moves up by one.
            low, high = (everyone[k + (k >= at)] for k in ((rest - 1) // 2, rest // 2))
            if value > (low + high) / 2:
                found.append(place)
    return found


class _Plateau:
    """How long a trial has not become better."""

    def __init__(self) -> None:
        self._best = math.inf
        self._since = 0

    def is_over(self, value: float, patience: int, tolerance: float) -> bool:
        """Take the value of an epoch, lower being better."""
        least = tolerance * abs(self._best) if math.isfinite(self._best) else 0.0
        if value < self._best - least:
            self._best, self._since = value, 0
        else:
            self._since += 1
        return self._since >= patience


def _signed(epoch: Epoch, rule: Mapping[str, Any]) -> dict[int, float]:
    """A rule's metric of every trial in training, lower being better, +inf where it is no number.

    Nothing before the first epoch that measures it.
    """
    if rule["by"] not in epoch.metrics:
        return {}
    sign = 1.0 if rule["direction"] == "minimize" else -1.0
    values = sign * epoch.metrics[rule["by"]]
    values = np.where(np.isnan(values), math.inf, values)
    return dict(zip(epoch.trials, values.tolist(), strict=True))


def folder_of(trial: Trial) -> str:
    """The name of the folder for the cohorts of this trial's stage that stop by the same rules."""
    return f"{trial.stage}-{digest([trial.stage, trial.stop])[:16]}"
