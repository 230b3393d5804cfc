"""What a study's budget still allows: trials and epochs by settings, minutes by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..study import Budget
from .trial import Trial


class Spending:
    """Keeps account of trials against a budget.

    A setting is paid for with all its seeds, or left out: half of its seeds would answer nothing.
    Trials that the store holds are paid for too, so that a study whose budget is spent does nothing
    when it is run again.

    Args:
        budget: of the study; None allows everything.
        clock: seconds that only go forward; ``time.monotonic`` but in tests.
    """

    def __init__(self, budget: Budget | None, clock: Callable[[], float]) -> None:
        self._budget = budget
        self._clock = clock
        self._settings: dict[tuple[str, str], list[Trial]] = {}
        self._paid: set[str] = set()
        self._trials = 0
        self._epochs = 0
        self._since: float | None = None
        self._over = ""

    def know(self, trials: Iterable[Trial]) -> None:
        """Note trials of the plan, so that those of one setting are paid for together."""
        if self._budget is not None:
            for trial in trials:
                self._settings.setdefault((trial.stage, trial.setting), []).append(trial)

    def pay(self, trial: Trial, *, anyway: bool = False) -> str | None:
        """Pay for a trial and the other seeds of its setting; or why there is nothing left to.

        Args:
            trial: one that is about to be trained.
            anyway: it has been trained already.
        """
        if self._budget is None or trial.key in self._paid:
            return None
        if self._over and not anyway:
            return self._over
        seeds = self._settings[trial.stage, trial.setting]
        unpaid = [seed for seed in seeds if seed.key not in self._paid]
        trials = self._trials + len(unpaid)
        epochs = self._epochs + sum(int(seed.settings["epochs"]) for seed in unpaid)
        for most, what, wanted in (
            (self._budget.trials, "trials", trials),
            (self._budget.epochs, "epochs", epochs),
        ):
            if most is not None and wanted > most and not anyway:
                # What comes later may be cheaper, but an order that skips would be no order.
                self._over = f"the budget of {most} {what} is spent"
                return self._over
        self._paid.update(seed.key for seed in unpaid)
        self._trials, self._epochs = trials, epochs
        return None

    def late(self) -> str | None:
        """Why nothing more may start, or None; the first question starts the clock."""
        if self._budget is None or self._budget.minutes is None:
            return None
        now = self._clock()
        self._since = now if self._since is None else self._since
        if now - self._since < 60 * self._budget.minutes:
            return None
        self._over = f"the budget of {self._budget.minutes:g} minutes is spent"
        return self._over
