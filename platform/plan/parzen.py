"""Proposals of Optuna's tree-structured Parzen estimator. The only file that imports Optuna.

Optuna is an extra: it is imported when a study asks for it, and not before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from ..study import Domain, Integers, LogUniform, Stage
from ..study.conditions import holds, in_order
from ..study.domains import Listed, Sampled, Value

if TYPE_CHECKING:
    import optuna

Point = dict[str, Value]


def installed() -> bool:
    """Whether there is an Optuna here."""
    return find_spec("optuna") is not None


class Parzen:
    """What is known of the settings under one parent, as Optuna keeps it.

    Args:
        stage: placed in a study, with a search.
        defaults: what hyperparameters have where nothing is written, by dotted path.
    """

    def __init__(self, stage: Stage, defaults: dict[str, Value]) -> None:
        import optuna

        assert stage.search is not None
        self._stage, self._search = stage, stage.search
        self._domains = {p: v for p, v in stage.settings.items() if isinstance(v, Domain)}
        fixed = {p: v for p, v in stage.settings.items() if not isinstance(v, Domain)}
        self._known = {**defaults, **fixed}
        logging.getLogger("optuna").setLevel(logging.WARNING)
        self._study = optuna.create_study(
            directions=[word or "minimize" for word in self._search.direction]
        )
        self._told = 0

    def tell(
        self, point: Point, values: Sequence[float] | None, stopped_at: int | None = None
    ) -> None:
        """Say how a setting turned out.

        Args:
            point: its swept values.
            values: one for each metric of the search; None when it diverged.
            stopped_at: the epoch after which it was dropped; its values are those of that epoch.
        """
        from optuna.trial import TrialState, create_trial

        lost = values is None or stopped_at is not None
        steps = {}
        if lost and values is not None and len(values) == 1:
            steps[cast(int, stopped_at)] = values[0]
        trial = create_trial(
            state=TrialState.PRUNED if lost else TrialState.COMPLETE,
            values=None if lost else list(values or ()),
            params={path: self._inward(path, value) for path, value in point.items()},
            distributions={path: self._distribution(path) for path in point},
            intermediate_values=steps,
        )
        self._study.add_trial(trial)
        self._told += 1

    def ask(self, count: int) -> list[Point]:
        """So many settings to try side by side: a function of what was told, and of nothing else.

        Numbers are rounded to 12 significant digits. What Optuna computes with exp and log differs
        in its last bits between machines, and the values enter the trials' keys.
        """
        import optuna

        # A sampler of its own for every question, so that nothing hangs on earlier questions.
        name = f"{self._stage.name}\0{self._search.seed}\0{self._told}"
        seed = int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little")
        self._study.sampler = optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=1, multivariate=True, constant_liar=True
        )
        asked = []
        points = []
        for _ in range(count):
            # Those asked for together stay open, so that each keeps its distance from the others.
            asked.append(self._study.ask())
            points.append(self._suggested(asked[-1]))
        for trial in asked:
            # What is told later is the rounded setting, under a number of its own.
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return points

    def _suggested(self, trial: optuna.trial.Trial) -> Point:
        known = dict(self._known)
        point: Point = {}
        for path in in_order(self._stage.settings):
            domain = self._domains[path]
            if holds(domain, known):
                known[path] = point[path] = self._outward(trial, path, domain)
        return {path: point[path] for path in self._domains if path in point}

    def _outward(self, trial: optuna.trial.Trial, path: str, domain: Domain) -> Value:
        if isinstance(domain, Listed):
            return domain.values[trial.suggest_categorical(path, range(len(domain.values)))]
        assert isinstance(domain, Sampled)
        if isinstance(domain, Integers):
            return trial.suggest_int(path, domain.low, domain.high)
        log = isinstance(domain, LogUniform)
        value = trial.suggest_float(path, domain.low, domain.high, log=log)
        return max(domain.low, min(float(f"{value:.12g}"), domain.high))

    def _inward(self, path: str, value: Value) -> Value:
        domain = self._domains[path]
        return domain.values.index(value) if isinstance(domain, Listed) else value

    def _distribution(self, path: str) -> optuna.distributions.BaseDistribution:
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        domain = self._domains[path]
        if isinstance(domain, Listed):
            return CategoricalDistribution(range(len(domain.values)))
        assert isinstance(domain, Sampled)
        if isinstance(domain, Integers):
            return IntDistribution(domain.low, domain.high)
        return FloatDistribution(domain.low, domain.high, log=isinstance(domain, LogUniform))
