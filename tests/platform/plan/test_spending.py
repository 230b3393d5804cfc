from __future__ import annotations

from pretended import SOURCE, stage, study

from layerwise.platform.plan import Trial, plan
from layerwise.platform.plan.spending import Spending
from layerwise.platform.study import Budget


def trials(epochs: int = 5) -> list[Trial]:
    """Three settings with two seeds each; the seeds of a setting stand three apart."""
    return list(plan(study(stage("codes", 3, epochs=epochs)), SOURCE).trials())


def paid(spending: Spending, some: list[Trial]) -> list[bool]:
    return [spending.pay(trial) is None for trial in some]


def spending(budget: Budget | None, some: list[Trial]) -> Spending:
    made = Spending(budget, lambda: 0.0)
    made.know(some)
    return made


def test_a_setting_is_paid_for_with_all_its_seeds_or_not_at_all() -> None:
    assert paid(spending(Budget(trials=5), trials()), trials()) == [True, True, False] * 2
    assert paid(spending(Budget(trials=6), trials()), trials()) == [True] * 6
    assert paid(spending(Budget(trials=1), trials()), trials()) == [False] * 6
    assert paid(spending(None, trials()), trials()) == [True] * 6


def test_epochs_are_added_up_over_trials() -> None:
    assert paid(spending(Budget(epochs=20), trials()), trials()) == [True, True, False] * 2
    assert paid(spending(Budget(trials=2, epochs=1000), trials()), trials())[:2] == [True, False]
    cause = spending(Budget(epochs=9), trials()).pay(trials()[0])
    assert cause == "the budget of 9 epochs is spent"


def test_what_was_trained_already_is_paid_for_whatever_it_costs() -> None:
    made = spending(Budget(trials=3), trials())
    assert made.pay(trials()[0], anyway=True) is None
    assert made.pay(trials()[1], anyway=True) is None
    assert made.pay(trials()[2]) == "the budget of 3 trials is spent"
    # The other seeds of those settings were paid for with them.
    assert paid(made, trials()[3:5]) == [True, True]


def test_after_the_first_setting_that_is_too_dear_nothing_more_starts() -> None:
    cheap, dear = trials(epochs=1), trials(epochs=50)
    made = spending(Budget(epochs=20), [*cheap, *dear])
    assert made.pay(cheap[0]) is None
    assert made.pay(dear[0]) is not None
    assert made.pay(cheap[1]) is not None


def test_minutes_run_from_the_first_question() -> None:
    now = [1000.0]
    made = Spending(Budget(minutes=2), lambda: now[0])
    assert made.late() is None
    now[0] += 119
    assert made.late() is None
    now[0] += 1
    assert made.late() == "the budget of 2 minutes is spent"
    made.know(trials())
    assert made.pay(trials()[0]) == "the budget of 2 minutes is spent"
    assert Spending(None, lambda: now[0]).late() is None
