"""A study's whole tree before anything has run: missing results are imagined, at random but fixed.

A promotion then keeps as many settings as it will keep, a search proposes as many, and halving
drops as many as are to be expected; only which ones, nobody knows yet. What depends on results
comes in waves: a trial of a later wave was not known before those of the earlier ones had ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..study import Stage, Study
from .tree import Tree
from .trial import STOPPED, Metrics, Source, Trial


@dataclass(frozen=True)
class Unfolded:
    """All trials that a study will have, parents first, and the wave of each by its key."""

    study: Study
    trials: tuple[Trial, ...]
    wave: Mapping[str, int]


def unfold(study: Study, source: Source, finished: Mapping[str, Metrics]) -> Unfolded:
    """The tree at its expected size.

    Args:
        study: what the person wrote; of seeds that are added on the way, only the first ones.
        source: the data's digest and size.
        finished: last metrics of finished trials, by key; they count where they are.

    Raises:
        StudyError: as :func:`.tree.plan`.
    """
    if study.more_seeds is not None:
        study = Study(**{**study.mapping(), "seeds": list(study.seeds)})  # type: ignore[arg-type]
    tree = Tree(study, source)
    names = _measured(study)
    results: dict[str, Metrics] = {}
    trials: dict[str, Trial] = {}
    wave: dict[str, int] = {}
    number = 0
    while True:
        known = tree.grown(results)
        fresh = {trial.key: trial for trial in known.trials() if trial.key not in trials}
        if not fresh:
            ordered = {trial.key: trial for trial in known.trials()}
            return Unfolded(study, tuple(ordered.values()), wave)
        trials |= fresh
        wave |= dict.fromkeys(fresh, number)
        number += 1
        for planned in known.stages:
            members = [t for t in planned.trials if t.key in fresh]
            results |= _imagined(planned.stage, members, finished, names)


def remaining(stage: Stage, epochs: int) -> list[tuple[int, float]]:
    """How long which share of a stage's trials trains: (epochs, share), the shares falling.

    Whole, unless settings are dropped by halving.
    """
    rule = stage.stop.halving if stage.stop is not None else None
    if rule is None:
        return [(epochs, 1.0)]
    parts = []
    rung, before, share = rule.from_epoch, 0, 1.0
    while rung < epochs:
        parts.append((rung - before, share))
        before, share, rung = rung, share / rule.factor, rung * rule.factor
    return [*parts, (epochs - before, share)]


def _measured(study: Study) -> list[str]:
    """The metrics that decide something."""
    names = [study.objective.metric]
    for stage in study.stages:
        names += [stage.keep.by] if stage.keep is not None else []
        names += stage.search.by if stage.search is not None else []
    return list(dict.fromkeys(names))


def _imagined(
    stage: Stage,
    members: Sequence[Trial],
    finished: Mapping[str, Metrics],
    names: Sequence[str],
) -> dict[str, Metrics]:
    """Metrics of trials of a stage; those that halving drops say where."""
    results: dict[str, Metrics] = {}
    settings: dict[str, None] = {}
    for trial in members:
        # Sixteen digits of a hash, as even as random ones, and different for every trial.
        value = int(trial.key[:16], 16) / 16**16
        results[trial.key] = finished.get(trial.key) or dict.fromkeys(names, value)
        settings.setdefault(trial.setting)
    if not members:
        return results
    parts = remaining(stage, int(members[0].settings["epochs"]))
    kept = max(1, round(len(settings) * parts[-1][1]))
    lost = set(sorted(settings)[kept:])
    for trial in members:
        if trial.setting in lost and trial.key not in finished:
            results[trial.key] = {**results[trial.key], STOPPED: float(parts[0][0])}
    return results
