"""The finished networks of a study as a use sees them: the best of every branch of its stages."""

from __future__ import annotations

from dataclasses import dataclass

from ...models.estimator import Estimator
from ...models.stack import Stack
from ..data import DataSet
from ..errors import StudyError
from ..execution.trained import layers, network, untrained
from ..plan.trial import Trial
from ..store.store import Store


@dataclass(frozen=True)
class Leaf:
    """A stage that no other stands on, with the trials of its best setting, one for each seed."""

    stage: str
    label: str
    trials: tuple[Trial, ...]
    store: Store

    @property
    def seeds(self) -> tuple[int, ...]:
        """In the order of the trials."""
        return tuple(trial.seed for trial in self.trials)

    def network(self, seed: int) -> Estimator | Stack:
        """The trained network from the data up, a stack where there are several layers.

        Raises:
            StudyError: a stage on the way reads the codes of several others.
        """
        return self._whole(layers(self._key(seed), self.store))

    def untrained(self, seed: int) -> Estimator | Stack:
        """The same network before its first step: a control that shares its shape and start.

        Raises:
            StudyError: as :meth:`network`.
        """
        return self._whole(untrained(self._key(seed), self.store))

    def _key(self, seed: int) -> str:
        return next(trial.key for trial in self.trials if trial.seed == seed)

    def _whole(self, stack: list[Estimator] | None) -> Estimator | Stack:
        if stack is None:
            rule = "must stand on a single chain of stages for its networks to be used"
            raise StudyError(self.stage, rule, "a stage that reads several")
        return network(stack)


@dataclass(frozen=True)
class Trained:
    """What a use looks at: the data with all their splits, and at least one leaf."""

    data: DataSet
    leaves: tuple[Leaf, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds that some leaf has, in order."""
        return tuple(sorted({seed for leaf in self.leaves for seed in leaf.seeds}))
