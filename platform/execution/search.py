"""The Tune searcher that releases dependent trials: a cohort starts when its parents are done.

What becomes of a cohort whose worker was lost is decided here too, not by Tune, which would try it
again as it is: one that did not fit the memory goes on as two halves.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from ..plan.cohorts import Cohort
from ..plan.schedule import Schedule
from ..plan.trial import Metrics
from .claims import Claims
from .memory import ended_for_memory

if TYPE_CHECKING:
    from ray.tune.experiment import Trial as TuneTrial

    from .execution import Listener

_log = logging.getLogger("layerwise.execution")

Finished = Callable[[Cohort], Mapping[str, Metrics]]


class NotSaved:
    """Pickles as nothing. Tune saves whatever it holds; the store is what resume trusts."""

    def __reduce__(self) -> tuple[type[object], tuple[()]]:
        return object, ()


class StageTree(NotSaved, Searcher):
    """Suggests ready cohorts, None while parents are training, FINISHED at the end.

    Args:
        schedule: the tree's state.
        claims: gives its cohorts, each trial to one driver at a time.
        listener: told what happens.
        finished: called when a cohort is done; gives its trials' last metrics.
        stopped: whether the experiment is to end.
        retries: how often a cohort whose worker was lost or raised is tried again.
    """

    def __init__(
        self,
        schedule: Schedule,
        claims: Claims,
        listener: Listener,
        finished: Finished,
        stopped: Callable[[], bool],
        retries: int = 0,
    ) -> None:
        super().__init__()
        self.schedule = schedule
        self._held = len(schedule.finished)
        self._expected = schedule.plan.expected
        self._claims = claims
        self._stopped = stopped
        self._listener = listener
        self._finished = finished
        self._cohorts: dict[str, Cohort] = {}
        self._retries = retries
        self._lost: Counter[str] = Counter()
        self._again: list[Cohort] = []
        self._errors: dict[str, str] = {}
        self._given_up: set[str] = set()

    def suggest(self, trial_id: str) -> Any:
        """The next cohort as a Tune configuration."""
        if self._stopped():
            # While nothing trains here, Tune asks nobody else whether to end.
            return Searcher.FINISHED
        cohort = None
        while cohort is None and self._again:
            cohort = self._claims.again(self._again.pop(0))
        cohort = cohort or self._claims.next()
        if cohort is not None:
            self._cohorts[trial_id] = cohort
            self._listener.started(cohort)
            return {"cohort": cohort}
        return Searcher.FINISHED if self.schedule.done else None

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Pass on how far a cohort is."""
        cohort = self._cohorts.get(trial_id)
        if cohort is not None and "epoch" in result:
            told = (result["epoch"], result["epochs"], result["training"])
            self._listener.progressed(cohort, *told)

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Unfold the tree below a finished cohort, halve, try again or cut below a failed one."""
        cohort = self._cohorts.pop(trial_id, None)
        if cohort is None:
            return
        if trial_id in self._given_up:
            self._again.append(cohort)
            return
        said = self._errors.pop(trial_id, "")
        lack = (result or {}).get("did_not_fit") or (ended_for_memory(said) if error else None)
        if lack is not None and self.schedule.halve(cohort):
            _log.warning("cohort %s did not fit into memory and is halved: %s", cohort.name, lack)
            self._listener.halved(cohort, lack)
        elif lack is not None and not error:
            self._fail(cohort, _too_large(cohort, lack))
        elif error or not result or not result.get("done"):
            self._lost[cohort.name] += 1
            if self._lost[cohort.name] <= self._retries:
                # It still runs, as the schedule and the leases see it.
                self._again.append(cohort)
                return
            # The node's memory may have been others': one that Ray ended was tried again, too.
            self._fail(cohort, _cause(said) if lack is None else _too_large(cohort, lack))
        else:
            self.schedule.finish(cohort, self._finished(cohort))
            self._say_expected()
        self._claims.release(cohort)

    def note_error(self, trial_id: str, said: str) -> None:
        """Hear what ended a worker, before the trial counts as complete."""
        self._errors[trial_id] = said

    def gives_up(self, trial_id: str) -> bool:
        """Whether a cohort is to be ended because another driver has taken it over."""
        cohort = self._cohorts.get(trial_id)
        if cohort is not None and self._claims.lost(cohort):
            _log.warning("cohort %s was taken over by another run", cohort.name)
            self._given_up.add(trial_id)
        return trial_id in self._given_up

    def _say_expected(self) -> None:
        """Say how many trials there will be, where a cohort has changed that."""
        if self.schedule.plan.expected != self._expected:
            self._expected = self.schedule.plan.expected
            self._listener.expected(self._expected - self._held)

    def _fail(self, cohort: Cohort, cause: str) -> None:
        self.schedule.fail(cohort, cause)
        self._listener.failed(cohort, cause)

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""


def _cause(said: str) -> str:
    """What the last error of our own in a worker's traceback says, if there is one."""
    for line in reversed(said.splitlines()):
        name, _, message = line.partition(": ")
        if message and name.startswith("layerwise."):
            return message
    return "its worker was lost or raised; see the log"


def _too_large(cohort: Cohort, lack: str) -> str:
    """Why a cohort that cannot be halved has failed for want of memory, and what would help."""
    count = len(cohort.trials)
    what = "a single trial" if count == 1 else f"a cohort of {count} trials"
    remedy = "Give it more memory, a smaller `hidden` or a smaller `batch_size`"
    return f"{what} does not fit into memory: {lack}. {remedy}"


class Witness(NotSaved, FIFOScheduler):
    """First come, first served, like Tune's own; and tells the searcher what ended a worker.

    A searcher is told that a trial failed, and not why; and it cannot end one.
    """

    def __init__(self, tree: StageTree) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._tree = tree

    def on_trial_result(
        self, tune_controller: object, trial: TuneTrial, result: dict[str, Any]
    ) -> str:
        """Go on, unless another driver trains the cohort by now."""
        return self.STOP if self._tree.gives_up(trial.trial_id) else self.CONTINUE

    def on_trial_error(self, tune_controller: object, trial: TuneTrial) -> None:
        """Pass the error on."""
        path = trial.error_file
        said = Path(path).read_text(errors="replace") if path and Path(path).exists() else ""
        self._tree.note_error(trial.trial_id, said)
