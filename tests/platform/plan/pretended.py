"""Studies whose trials are not trained: a function says what they would end with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layerwise.platform.plan import Plan, Source, Trial
from layerwise.platform.plan.tree import Tree
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
ERROR = "validation/reconstruction_error"

Ending = Callable[[Trial], Mapping[str, float]]


def study(*stages: Stage, seeds: Any = (0, 1), **rest: Any) -> Study:
    return Study(study="pretended", data="digits", seeds=seeds, stages=stages, **rest)


def stage(name: str, rates: int = 0, **rest: Any) -> Stage:
    """An autoencoder with so many learning rates 0.01, 0.02, …"""
    swept = {"learning_rate": {"grid": [(i + 1) / 100 for i in range(rates)]}} if rates else {}
    return Stage(name=name, model="autoencoder", **{"hidden": 8, **swept, **rest})


def by_rate(trial: Trial) -> Mapping[str, float]:
    """The smaller the learning rates of a stack, the better, and the lower stages count more."""
    above = [v for path, v in trial.inherited.items() if path.endswith("learning_rate")]
    rates = [*above, trial.settings["learning_rate"]]
    error = sum(rate * 10.0**-place for place, rate in enumerate(rates))
    return {ERROR: error + 0.001 * trial.seed}


def train(made: Study, ending: Ending = by_rate) -> tuple[Plan, dict[str, Mapping[str, float]]]:
    """All of a study, as much at a time as is known; the plan it ends with, and the results."""
    tree = Tree(made, SOURCE)
    finished: dict[str, Mapping[str, float]] = {}
    while True:
        grown = tree.grown(finished)
        fresh = [trial for trial in grown.trials() if trial.key not in finished]
        fresh = [t for t in fresh if all(finished.get(p) for p in t.parents)]
        if not fresh:
            return grown, finished
        finished.update({trial.key: ending(trial) for trial in fresh})


def of(grown: Plan, name: str) -> list[Trial]:
    """The trials of a stage."""
    return next(list(planned.trials) for planned in grown.stages if planned.stage.name == name)


def settings(trials: list[Trial], path: str = "learning_rate") -> list[Any]:
    """The values of a hyperparameter among trials, each once, in order."""
    return list(dict.fromkeys(trial.settings[path] for trial in trials))
