"""Which trials train together: one tensor program for trials that differ only in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .trial import Trial, digest


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
        members.sort(key=lambda trial: (trial.seed, trial.parents, trial.key))
        for part in _evenly(members, max(1, width(members))):
            cohorts.append(Cohort(tuple(part)))
    return cohorts


def remembered(trials: Sequence[Trial], earlier: Iterable[Sequence[str]]) -> list[Cohort]:
    """The cohorts of an interrupted execution that are still wholly to be trained.

    Training them as they were gives the same bits as if nothing had happened.
    """
    missing = {trial.key: trial for trial in trials}
    return [
        Cohort(tuple(missing[key] for key in keys))
        for keys in earlier
        if keys and all(key in missing for key in keys)
    ]


def _evenly(members: list[Trial], width: int) -> Iterable[list[Trial]]:
    """As few parts as the width allows, of nearly equal size."""
    parts = -(-len(members) // width)
    start = 0
    for part in range(parts):
        end = start + (len(members) - start) // (parts - part)
        yield members[start:end]
        start = end
