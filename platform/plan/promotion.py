"""Which settings of a stage get children.

All seeds of a setting are promoted together, or none: a setting with a diverged or a stopped seed
stays out. What ``keep`` chooses by is a setting's own metric, or what its descendants make of it:

* ``value: own``: once every trial of the stage is done, the best settings by their metric.
* ``value: descendants``: at first every setting is *probed*, that is, gets the first child of each
  stage above it, and so on up to the last stage; a promotion on the way lets probes pass. A
  setting's value is the metric of its best descendant in the last stage. When all probes are done
  the best settings get the rest of their children; further descendants can only make these
  better, so that the choice stands however often it is worked out again.

Where siblings are compared while they train (``stop: {halving: …}`` or ``{median: …}``), a setting
gets children when its last seed is done and none was dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..study import Stage
from .trial import STOPPED, Metrics, Trial


@dataclass(frozen=True)
class SeedGroup:
    """A setting: its trials, one for each seed.

    ``line`` are the settings of the stages above it. ``probe`` says that it was planned as the
    first child of one of them, whatever is chosen; ``probing`` that it is no more than that so far.
    """

    trials: tuple[Trial, ...]
    line: frozenset[str]
    probe: bool = field(default=False, compare=False)
    probing: bool = field(default=False, compare=False)

    @property
    def setting(self) -> str:
        """What its trials have in common."""
        return self.trials[0].setting


@dataclass(frozen=True)
class Promotion:
    """What of a stage gets children.

    Args:
        full: settings that get all their children.
        probing: settings that get the first child of each stage only, at least for now.
        settings: how many will be full, at most.
        widest: how many will get at least one child, at most.
        decided: whether all of this is final.
        probes: whether every setting of the stage gets, or got, a first child.
    """

    full: tuple[SeedGroup, ...]
    probing: tuple[SeedGroup, ...]
    settings: int
    widest: int
    decided: bool
    probes: bool = False


class Results:
    """What is known of finished trials, and of those that cannot finish any more.

    Args:
        finished: last metrics by key; empty for a diverged trial.
    """

    def __init__(self, finished: Mapping[str, Metrics]) -> None:
        self.finished = finished
        self.lost: set[str] = set()
        """The keys of trials that diverged or were dropped, or that stand on one that did."""

    def note(self, trials: Iterable[Trial]) -> None:
        """Find the lost ones among these, whose parents were noted before."""
        for trial in trials:
            last = self.finished.get(trial.key)
            gone = last is not None and (not last or STOPPED in last)
            if gone or not self.lost.isdisjoint(trial.parents):
                self.lost.add(trial.key)

    def settled(self, group: SeedGroup) -> bool:
        """Whether nothing more will become known of a setting."""
        return all(trial.key in self.finished or trial.key in self.lost for trial in group.trials)

    def sound(self, group: SeedGroup) -> bool:
        """Whether none of a setting's seeds is lost so far."""
        return self.lost.isdisjoint(trial.key for trial in group.trials)

    def dropped(self, group: SeedGroup) -> bool:
        """Whether a seed of a setting was stopped for what its siblings are."""
        return any(STOPPED in self.finished.get(trial.key, {}) for trial in group.trials)


def ranking(
    trials: Sequence[Trial], metric: str, results: Mapping[str, Metrics]
) -> dict[str, float]:
    """A metric's mean over each setting's seeds; without those that lost one of them."""
    values: dict[str, list[float]] = {}
    lost = set()
    for trial in trials:
        last = results.get(trial.key, {})
        found = last.get(metric)
        if found is None or STOPPED in last:
            lost.add(trial.setting)
        else:
            values.setdefault(trial.setting, []).append(found)
    return {s: sum(v) / len(v) for s, v in values.items() if s not in lost}


def promote(
    stage: Stage,
    groups: Sequence[SeedGroup],
    complete: bool,
    expected: int,
    results: Results,
    chosen: frozenset[str] | None = None,
) -> Promotion:
    """What of a stage gets children by now.

    Args:
        stage: placed in its study.
        groups: its settings that are known.
        complete: whether these are all.
        expected: how many there will be at most.
        results: what is known of their trials.
        chosen: for ``value: descendants``, the settings that were found best; None while undecided.
    """
    passing = [group for group in groups if results.settled(group)] if compares(stage) else groups
    passing = [group for group in passing if not results.dropped(group)]
    final = complete and (not compares(stage) or all(map(results.settled, groups)))
    probing = [group for group in passing if group.probing]
    candidates = [group for group in groups if not group.probing]
    if stage.keep is None:
        full = [group for group in passing if not group.probing]
        widest = len(passing) if final else expected
        count = len(full) if final else expected
        return Promotion(tuple(full), tuple(probing), count, widest, final)
    count = stage.keep.count(len(candidates) if complete else expected)
    if stage.keep.value == "descendants":
        best = chosen or frozenset()
        full = [group for group in passing if not group.probing and group.setting in best]
        rest = tuple(group for group in passing if group.probing or group.setting not in best)
        final = final and chosen is not None
        widest = len(full) + len(rest) if final else expected
        count = len(full) if final else count
        return Promotion(tuple(full), rest, count, widest, final, probes=True)
    probes = [group for group in passing if group.probe]
    if not complete or not all(map(results.settled, candidates)):
        return Promotion((), tuple(probes), count, min(expected, count + len(probes)), False)
    trials = [trial for group in candidates for trial in group.trials]
    means = ranking(trials, stage.keep.by, results.finished)
    best = frozenset(_first(means, stage.keep.direction, count))
    full = [group for group in candidates if group.setting in best]
    rest = tuple(group for group in probes if group.probing or group.setting not in best)
    return Promotion(tuple(full), rest, len(full), len(full) + len(rest), final)


def choose(
    stage: Stage,
    groups: Sequence[SeedGroup],
    below: Sequence[SeedGroup],
    last: Sequence[SeedGroup],
    results: Results,
) -> frozenset[str] | None:
    """The settings of a stage that are best by their best descendant; None while probes are out.

    Args:
        stage: with ``keep: {value: descendants}``.
        groups: its settings, all of them, none of them probing for another stage.
        below: what of the stages that read it is known.
        last: the settings of the study's last stage.
        results: what is known of all of these.
    """
    assert stage.keep is not None
    settings = {group.setting for group in groups}
    if not all(map(results.settled, groups)):
        return None
    if not all(results.settled(group) for group in below if not settings.isdisjoint(group.line)):
        return None
    trials = [trial for group in last for trial in group.trials]
    means = ranking(trials, stage.keep.by, results.finished)
    better: Callable[[float, float], float] = min if stage.keep.direction == "minimize" else max
    best: dict[str, float] = {}
    for group in last:
        if group.setting in means:
            for setting in settings & group.line:
                known = best.get(setting, means[group.setting])
                best[setting] = better(known, means[group.setting])
    sound = {group.setting for group in groups if results.sound(group)}
    values = {setting: value for setting, value in best.items() if setting in sound}
    return frozenset(_first(values, stage.keep.direction, stage.keep.count(len(groups))))


def compares(stage: Stage) -> bool:
    """Whether trials of a stage may be dropped for what their siblings are."""
    return stage.stop is not None and (stage.stop.halving or stage.stop.median) is not None


def _first(means: Mapping[str, float], direction: str, count: int) -> list[str]:
    """The best settings, equals in the order of their names."""
    sign = 1 if direction == "minimize" else -1
    usable = [setting for setting in means if not math.isnan(means[setting])]
    return sorted(usable, key=lambda setting: (sign * means[setting], setting))[:count]
