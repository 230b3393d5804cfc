"""The Tune searcher that releases dependent trials: a cohort starts when its parents are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ray.tune.search import Searcher

from ..plan.cohorts import Cohort
from ..plan.schedule import Schedule
from ..plan.trial import Metrics

if TYPE_CHECKING:
    from .execution import Listener

Finished = Callable[[Cohort], Mapping[str, Metrics]]


class NotSaved:
    """Pickles as nothing. Tune saves whatever it holds; the store is what resume trusts."""

    def __reduce__(self) -> tuple[type[object], tuple[()]]:
        return object, ()


class StageTree(NotSaved, Searcher):
    """Suggests ready cohorts, None while parents are training, FINISHED at the end.

    Args:
        schedule: the tree's state.
        listener: told what happens.
        finished: called when a cohort is done; gives its trials' last metrics.
    """

    def __init__(self, schedule: Schedule, listener: Listener, finished: Finished) -> None:
        super().__init__()
        self.schedule = schedule
        self._listener = listener
        self._finished = finished
        self._cohorts: dict[str, Cohort] = {}

    def suggest(self, trial_id: str) -> Any:
        """The next cohort as a Tune configuration."""
        cohort = self.schedule.next()
        if cohort is not None:
            self._cohorts[trial_id] = cohort
            self._listener.started(cohort)
            return {"cohort": cohort}
        return Searcher.FINISHED if self.schedule.done else None

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Pass on how far a cohort is."""
        cohort = self._cohorts.get(trial_id)
        if cohort is not None:
            self._listener.progressed(cohort, result["epoch"], result["epochs"])

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Unfold the tree below a finished cohort, or cut it below a failed one."""
        cohort = self._cohorts.pop(trial_id, None)
        if cohort is None:
            return
        if error or not result or not result.get("done"):
            cause = "its worker was lost or raised; see the log"
            self.schedule.fail(cohort, cause)
            self._listener.failed(cohort, cause)
        else:
            self.schedule.finish(cohort, self._finished(cohort))

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""
