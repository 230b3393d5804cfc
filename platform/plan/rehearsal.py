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
        StudyError: a metric that the stage it ranks does not have, data that the model of a stage
            cannot learn from, a stack that it cannot start from, or labels that it lacks.
    """
    ordered = study.in_order()
    sketched = sketch(study, Source.of(data))
    for stage in ordered:
        trial, goal = sketched[stage.name][0], study.objective
        wanted: dict[str, tuple[Key, ...]] = {}
        if stage is ordered[-1]:
            wanted[goal.metric] = ("objective", goal.direction)
        if stage.keep is not None:
            wanted[stage.keep.by] = ("stages", study.stages.index(stage), "keep", "by")
        if trial.inputs and not wanted:
            continue
        try:
            found = _metrics(trial, data, wanted)
        except InputError as error:
            # It may be a network of the stack below that says so.
            rule = error.rule if error.where == stage.model else f"{error.where} {error.rule}"
            raise of_stage(study, stage, "model", rule, error.got, error.remedy) from error
        for metric, keys in wanted.items():
            _require(metric, found, stage, keys)


def _metrics(trial: Trial, data: DataSet, wanted: Iterable[str]) -> list[str]:
    """The metrics that a trial will have; those taken at the end only if others are not enough."""
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
    if not set(wanted) <= set(found):
        names = examine(network, few, few, label_N, label_N)
        found += [f"{split}/{name}" for split in MEASURED for name in names]
    return found


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


def _require(metric: str, found: list[str], stage: Stage, keys: tuple[Key, ...]) -> None:
    if metric in found:
        return
    guess = near_miss(metric, found)
    remedy = f"Did you mean {guess}?" if guess else f"It has {', '.join(found)}."
    rule = f"must be a metric of {stage.model}"
    raise InvalidStudyError([Problem(keys, rule, metric, remedy)])
