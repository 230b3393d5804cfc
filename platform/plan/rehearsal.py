"""A rehearsal: a step of every stage on a few samples, for mistakes that only trying can find.

A metric's name is right when some network reports it, and a variant knows best which data it can
learn from and which stack it can start from. All three are asked here, in milliseconds, before
anything starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torch import Tensor

from ...models.errors import InputError, near_miss
from ...models.measures.examination import examine
from ...models.network import Network
from ..data import DataSet
from ..study import Stage, Study
from ..study.validation import InvalidStudyError, Key, Problem
from .division import require_divisible
from .network import labels_like, network_of, samples_like
from .refusal import of_stage
from .tree import sketch
from .trial import Source, Trial

# In a step, and in an examination, where classes are to be told apart.
STEP_SAMPLES = 2
SAMPLES = 32
MEASURED = ("validation", "test")
# An estimate of a partition function takes as long as one likes; its names are told at once.
CHEAPEST = {"annealing.temperatures": 1, "annealing.chains": 2}


def rehearse(study: Study, data: DataSet) -> None:
    """Try the first setting of every stage.

    Args:
        study: what the person wrote.
        data: what it is to be trained on.

    Raises:
        StudyError: a metric that the stage it ranks, searches or stops does not have (in time),
            data that the model of a stage cannot learn from, a stack that it cannot start from, or
            labels that it lacks; or one that several workers cannot share, where there are several.
    """
    ordered = study.in_order()
    sketched = sketch(study, Source.of(data))
    require_divisible(study, sketched)
    for stage in ordered:
        trial, goal = sketched[stage.name][0], study.objective
        wanted: dict[str, tuple[Key, ...]] = {}
        if stage is ordered[-1]:
            wanted |= _by_descendants(study)
            wanted[goal.metric] = ("objective", goal.direction)
        if stage.keep is not None and stage.keep.value == "own":
            wanted[stage.keep.by] = ("stages", study.stages.index(stage), "keep", "by")
        for metric in stage.search.by if stage.search is not None else ():
            wanted.setdefault(metric, ("stages", study.stages.index(stage), "search", "by"))
        early = _looked_at_early(stage, study.stages.index(stage))
        if trial.inputs and not wanted and not early:
            continue
        try:
            often, once = _metrics(trial, data, wanted)
        except InputError as error:
            # It may be a network of the stack below that says so.
            rule = error.rule if error.where == stage.model else f"{error.where} {error.rule}"
            raise of_stage(study, stage, "model", rule, error.got, error.remedy) from error
        for metric, keys in wanted.items():
            _require(metric, [*often, *once], keys, f"must be a metric of {stage.model}")
        for metric, keys in early.items():
            rule = f"must be a metric that {stage.model} has after every epoch"
            _require(metric, often, keys, rule)


def _by_descendants(study: Study) -> dict[str, tuple[Key, ...]]:
    """The metrics of the last stage that stages below it are valued by, and where they stand."""
    return {
        stage.keep.by: ("stages", place, "keep", "by")
        for place, stage in enumerate(study.stages)
        if stage.keep is not None and stage.keep.value == "descendants"
    }


def _looked_at_early(stage: Stage, place: int) -> dict[str, tuple[Key, ...]]:
    """The metrics that rules look at while it trains, and where the study names them."""
    rules = {} if stage.stop is None else stage.stop.rules()
    return {rule.by: ("stages", place, "stop", name, "by") for name, rule in rules.items()}


def _metrics(trial: Trial, data: DataSet, wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """The metrics that a trial has after every epoch; at its end, if those are not enough."""
    cheapest = {p: min(v, trial.settings[p]) for p, v in CHEAPEST.items() if p in trial.settings}
    trial = replace(trial, settings={**trial.settings, **cheapest})
    # Codes are made up and need not be many; data are looked at whole.
    x = samples_like(trial, data, SAMPLES if trial.inputs else None)
    network = network_of([trial])
    network.meet(x)
    few, label_N = x[:, :SAMPLES], labels_like(data, SAMPLES)
    reported, measured = _tried(network, few[:, :STEP_SAMPLES], label_N)
    found = [f"train/{name}" for name in reported]
    found += [f"{split}/{name}" for split in MEASURED for name in measured]
    if set(wanted) <= set(found):
        return found, []
    names = examine(network, few, few, label_N, label_N)
    return found, [f"{split}/{name}" for split in MEASURED for name in names]


def _tried(network: Network, x: Tensor, label_N: Tensor | None) -> tuple[set[str], set[str]]:
    """The names of what a step reports, and of what is measured after every epoch."""
    # Of the last epoch: a training may come in phases, and what counts is where it ends.
    draws = network.draws(max(1, network.epochs), 0)
    measured = set(network.evaluate(x, x))
    if not network.supervised or label_N is None:
        return set(network.gradients(x, draws)[1]), measured
    few_N = label_N[: x.shape[1]]
    measured |= set(network.supervised_measures(x, few_N))
    return set(network.supervised_gradients(x, few_N[None], draws)[1]), measured


def _require(metric: str, found: list[str], keys: tuple[Key, ...], rule: str) -> None:
    if metric in found:
        return
    guess = near_miss(metric, found)
    remedy = f"Did you mean {guess}?" if guess else f"It has {', '.join(found)}."
    raise InvalidStudyError([Problem(keys, rule, metric, remedy)])
