"""Adaptive search: the settings of a stage under one parent, proposed round by round.

Nothing of a search is stored. The settings of a round are a function of the study and of the
results of the rounds before it, so that they are worked out anew from the trials in the store, by
any process on any machine, and come out the same. More ``trials`` leave the first ones as they are.

The first proposals are drawn as a stage without a search draws its samples: a function of (stage,
hyperparameter, index). With ``sampler: random`` all are, so that they are known from the start and
equal those of ``samples: n``. With ``sampler: tpe`` the Parzen estimator takes over after ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...models import registry
from ..study import Domain, Stage
from ..study.domains import Value, fractions
from .parzen import Parzen, Point
from .trial import STOPPED, Metrics, Trial

# As many as Optuna draws at random by default before it models anything.
STARTING = 10


@dataclass(frozen=True)
class Result:
    """How a proposed setting turned out.

    ``values`` are the means over its seeds of the search's metrics, None when it diverged or lacks
    one; ``stopped_at`` is the epoch after which it was dropped.
    """

    values: tuple[float, ...] | None
    stopped_at: int | None = None


class Search:
    """The proposals under one setting of the stages above.

    Args:
        stage: placed in a study, with a search.
    """

    def __init__(self, stage: Stage) -> None:
        assert stage.search is not None
        self.stage = stage
        self.search = stage.search
        self.points: list[Point] = []
        """Those proposed so far, in order; a later one may repeat an earlier one."""
        self.told = 0
        """Of how many of them the results are known."""
        self._closed = False
        self._parzen: Parzen | None = None
        self._next()

    @property
    def complete(self) -> bool:
        """Whether there will be no further proposals."""
        return self._closed or len(self.points) == self.search.trials

    @property
    def open(self) -> Sequence[Point]:
        """The proposals whose results are to be told next."""
        return self.points[self.told :]

    def close(self) -> None:
        """Propose nothing more: what is proposed under has lost."""
        self._closed = True

    def tell(self, results: Sequence[Result]) -> None:
        """Say how the open proposals turned out, and propose the next ones."""
        if self.search.sampler == "tpe":
            if self._parzen is None:
                self._parzen = Parzen(self.stage, _defaults(self.stage))
            for point, result in zip(self.open, results, strict=True):
                self._parzen.tell(point, result.values, result.stopped_at)
        self.told = len(self.points)
        if not self.complete:
            self._next()

    def _next(self) -> None:
        begin = len(self.points)
        if self.search.sampler == "random":
            self.points += drawn(self.stage, self.search.trials)
            return
        end = min(begin + self.search.at_once, self.search.trials)
        self.points += drawn(self.stage, min(end, STARTING))[begin:]
        if end > len(self.points):
            assert self._parzen is not None or begin == 0
            if self._parzen is None:
                self._parzen = Parzen(self.stage, _defaults(self.stage))
            self.points += self._parzen.ask(end - len(self.points))


def result(
    trials: Sequence[Trial], metrics: Sequence[str], finished: Mapping[str, Metrics]
) -> Result:
    """How a setting turned out, from what its seeds ended with."""
    found = [finished.get(trial.key, {}) for trial in trials]
    if not all(metric in last for last in found for metric in metrics):
        return Result(None)
    means = tuple(sum(last[metric] for last in found) / len(found) for metric in metrics)
    stops = [int(last[STOPPED]) for last in found if STOPPED in last]
    return Result(means, min(stops) if stops else None)


def drawn(stage: Stage, count: int) -> list[Point]:
    """The first draws of a searched stage; grids and choices are drawn from like intervals."""
    assert stage.search is not None
    domains = {p: v for p, v in stage.settings.items() if isinstance(v, Domain)}
    # Seed 0 draws what `samples` draws: a study that searches shares those trials.
    name = stage.name if stage.search.seed == 0 else f"{stage.name}\0{stage.search.seed}"
    draws = {path: fractions(name, path, count) for path in domains}
    return [
        stage.active({path: domain.at(draws[path][index]) for path, domain in domains.items()})
        for index in range(count)
    ]


def _defaults(stage: Stage) -> dict[str, Value]:
    declared = registry.lookup(stage.model).hyperparameters
    return {path: one.default for path, one in declared.items()}
