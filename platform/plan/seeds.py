"""Further seeds for the settings that may be the best: ``seeds: {until: 0.5%, max: 12, start: 3}``.

Every setting of the last stage has the starting seeds. Those that cannot be told from the best get
further ones, look by look, until the winner is clear, or the differences are known closely enough,
or there are no more seeds to give. How settings are compared, and why looking again and again does
no harm, is said in :mod:`layerwise.dashboards.comparisons`.

Nothing is stored of it: which settings got which seeds is worked out anew from the results, and
further results change no earlier decision. For a tree that has to plan the trials::

    expanded = plan of study.seeds alone
    while (extra := further_seeds(study, finished, expanded)) != planned so far:
        expanded = the same plan, and for each seed of extra the trials of every stage
                   whose Trial.setting is in extra[seed]

A promotion (``keep``) is decided by the starting seeds, and by nothing that is added here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ..study.study import Study
from .trial import STOPPED, Metrics, Trial

if TYPE_CHECKING:
    from ...dashboards.comparisons import Contest
    from .tree import Plan


@dataclass(frozen=True)
class Standing:
    """How the settings of a stage stand: a contest, whose columns are ``settings``."""

    settings: tuple[str, ...]
    contest: Contest


def further_seeds(
    study: Study, finished: Mapping[str, Metrics], plan: Plan
) -> dict[int, frozenset[str]]:
    """Which seeds beyond the starting ones are to be trained, and for which settings.

    Args:
        study: what the person wrote.
        finished: last metrics by key, as for :func:`.tree.plan`.
        plan: the trials of the starting seeds, and of the further ones that are known by now. A
            stage of it is complete when all its trials of the starting seeds are known.

    Returns:
        By seed, in the order in which seeds are added, the settings (:attr:`.trial.Trial.setting`)
        that get it: those of the last stage, and those they stand on. All that were ever added are
        there, not only the latest; none where the study asks for none, and none before every trial
        of the last stage has ended with the starting seeds.
    """
    if study.more_seeds is None:
        return {}
    found = standing(study, finished, plan)
    if found is None:
        return {}
    lines = _lines(plan, study)
    extra: dict[int, frozenset[str]] = {}
    for place, seed in enumerate(_order(study)):
        asked = [s for s, n in zip(found.settings, found.contest.asked, strict=True) if n > place]
        if seed not in study.seeds and asked:
            extra[seed] = frozenset().union(*(lines[setting] for setting in asked))
    return extra


def standing(study: Study, finished: Mapping[str, Metrics], plan: Plan) -> Standing | None:
    """The contest of the last stage's settings; None while some starting seed has not ended."""
    stage = study.in_order()[-1].name
    planned = next(p for p in plan.stages if p.stage.name == stage)
    if not planned.complete:
        return None
    metric, direction = target(study, stage)
    known = {trial.key: trial for trial in plan.trials()}
    values = {t: _value(t, metric, finished, known) for t in planned.trials}
    starting = [value for trial, value in values.items() if trial.seed in study.seeds]
    if not starting or any(map(math.isnan, starting)):
        return None
    return compared(study, stage, values, direction)


def compared(study: Study, stage: str, values: Mapping[Trial, float], direction: str) -> Standing:
    """How the settings of a stage stand against the best, seed by seed.

    Args:
        study: says which seeds there are, and how often their results are looked at.
        stage: which stage. Further seeds count in the last one only: elsewhere they went to what
            happened to stand below.
        values: a metric of its trials, inf where one was lost; those not known yet are left out.
        direction: ``minimize`` or ``maximize`` it.
    """
    # SciPy takes half a second to import: only those pay who ask.
    import numpy as np

    from ...dashboards.comparisons import Looks, contest

    adds = study.more_seeds is not None and stage == study.in_order()[-1].name
    order = _order(study) if adds else study.seeds
    rows = {seed: row for row, seed in enumerate(order)}
    settings = tuple(dict.fromkeys(trial.setting for trial in values))
    columns = {setting: column for column, setting in enumerate(settings)}
    table = np.full((len(order), len(settings)), np.nan)
    for trial, value in values.items():
        if trial.seed in rows:
            table[rows[trial.seed], columns[trial.setting]] = value
    until = study.more_seeds.until if adds and study.more_seeds is not None else 0.0
    looks = Looks(len(study.seeds), len(order))
    return Standing(settings, contest(table, direction == "minimize", looks, until))


def target(study: Study, stage: str) -> tuple[str, str]:
    """The metric that ranks a stage, and whether to minimize or maximize it."""
    found = next(s for s in study.stages if s.name == stage)
    if found.keep is not None:
        return found.keep.by, found.keep.direction
    return study.objective.metric, study.objective.direction


def _order(study: Study) -> tuple[int, ...]:
    """The starting seeds, and behind them the smallest whole numbers that are none of them."""
    seeds = study.seeds
    if study.more_seeds is None:
        return seeds
    numbers = (seed for seed in range(study.more_seeds.max + len(seeds)) if seed not in seeds)
    return (*seeds, *islice(numbers, study.more_seeds.max - len(seeds)))


def _value(
    trial: Trial, metric: str, finished: Mapping[str, Metrics], known: Mapping[str, Trial]
) -> float:
    """A trial's result; inf where it, or one below it, diverged or was stopped; NaN before it."""
    if _lost(trial.key, finished, known):
        return math.inf
    if trial.key not in finished:
        return math.nan
    return finished[trial.key].get(metric, math.inf)


def _lost(key: str, finished: Mapping[str, Metrics], known: Mapping[str, Trial]) -> bool:
    found = finished.get(key)
    if found is not None:
        return not found or STOPPED in found
    parents = known[key].parents if key in known else ()
    return any(_lost(parent, finished, known) for parent in parents)


def _lines(plan: Plan, study: Study) -> dict[str, frozenset[str]]:
    """For each setting of the last stage, it and all those that it stands on."""
    below: dict[str, frozenset[str]] = {}
    for trial in plan.trials():
        if trial.seed == study.seeds[0]:
            parents = (below[parent] for parent in trial.parents)
            below[trial.key] = frozenset({trial.setting}).union(*parents)
    last = study.in_order()[-1].name
    return {
        trial.setting: below[trial.key]
        for planned in plan.stages
        if planned.stage.name == last
        for trial in planned.trials or ()
        if trial.key in below
    }
