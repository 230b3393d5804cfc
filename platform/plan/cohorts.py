"""Which trials train together: one tensor program for trials that differ only in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from .trial import Trial, digest

Part = TypeVar("Part")


@dataclass(frozen=True)
class Cohort:
    """Trials of one structure, trained fused; its name is the hash of its members."""

    trials: tuple[Trial, ...]

    @property
    def name(self) -> str:
        """Twelve hexadecimal digits."""
        return digest([trial.key for trial in self.trials])[:12]

    @property
    def stage(self) -> str:
        """The stage its trials belong to."""
        return self.trials[0].stage

    @property
    def parents(self) -> tuple[str, ...]:
        """The keys its trials start from, each once."""
        return tuple(dict.fromkeys(key for trial in self.trials for key in trial.parents))


def form(
    trials: Iterable[Trial],
    width: Callable[[Sequence[Trial]], int],
    family: Mapping[str, str] | None = None,
) -> list[Cohort]:
    """Partition trials into cohorts.

    Trials are fused when they have the same structure and their parents come from the same
    cohorts, so that no cohort waits for more of the layer below than it must. Members are sorted
    by seed and parent first: trials that share their input become neighbours, and the layer's
    products one wide matrix product.

    Args:
        trials: those that are to be trained.
        width: how many trials of one structure to fuse, given all of that structure.
        family: the cohort each finished or planned parent belongs to, by key.
    """
    families = family or {}
    alike: dict[tuple[object, ...], list[Trial]] = {}
    for trial in trials:
        above = tuple(sorted({families.get(key, "") for key in trial.parents}))
        alike.setdefault((trial.structure, above), []).append(trial)
    cohorts = []
    for members in alike.values():
        fused = max(1, width(members))
        members.sort(key=_neighbours)
        if members[0].compared:
            # Whole settings are compared while they train: their seeds stay together.
            members.sort(key=lambda trial: trial.setting)
            parts = [sorted(part, key=_neighbours) for part in _by_setting(members, fused)]
        else:
            parts = list(_evenly(members, fused))
        cohorts += [Cohort(tuple(part)) for part in parts]
    return cohorts


def remembered(trials: Sequence[Trial], earlier: Iterable[Sequence[str]]) -> list[Cohort]:
    """The cohorts of an interrupted execution that are still wholly to be trained.

    Training them as they were gives the same bits as if nothing had happened.
    """
    missing = {trial.key: trial for trial in trials}
    # Trials may have been cut more than once, by two executions at a time or because a cohort did
    # not fit: the last cut counts.
    found = [
        Cohort(tuple(missing.pop(key) for key in keys))
        for keys in reversed(list(earlier))
        if keys and all(key in missing for key in keys)
    ]
    return found[::-1]


def halves(trials: Sequence[Trial]) -> tuple[tuple[Trial, ...], tuple[Trial, ...]]:
    """Two parts of nearly equal size, the seeds of a setting in one of them if that is possible."""
    settings = dict.fromkeys(trial.setting for trial in trials)
    if len(settings) == 1:
        middle = len(trials) // 2
        return tuple(trials[:middle]), tuple(trials[middle:])
    first = set(list(settings)[: len(settings) // 2])
    return (
        tuple(trial for trial in trials if trial.setting in first),
        tuple(trial for trial in trials if trial.setting not in first),
    )


def _neighbours(trial: Trial) -> tuple[object, ...]:
    return (trial.seed, trial.parents, trial.key)


def _by_setting(members: list[Trial], width: int) -> Iterable[list[Trial]]:
    """Parts as :func:`_evenly` makes them, of whole settings."""
    settings = [list(seeds) for _, seeds in groupby(members, key=lambda trial: trial.setting)]
    for part in _evenly(settings, max(1, width // len(settings[0]))):
        yield [trial for seeds in part for trial in seeds]


def _evenly(members: list[Part], width: int) -> Iterable[list[Part]]:
    """As few parts as the width allows, of nearly equal size."""
    parts = -(-len(members) // width)
    start = 0
    for part in range(parts):
        end = start + (len(members) - start) // (parts - part)
        yield members[start:end]
        start = end
