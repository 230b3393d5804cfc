from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.effort import Budget, SeedsUntil, read_seeds, written_seeds


def test_a_budget_says_what_is_limited() -> None:
    for written in ({"trials": 100}, {"minutes": 0.5, "epochs": 1000}):
        assert Budget.of(written).mapping() == written


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({}, "budget", "at least one of trials, minutes, epochs"),
        (100, "study", "Write {trials: 100}."),
        ({"trails": 3}, "trails", "Did you mean 'trials'?"),
        ({"trials": 0}, "budget.trials", "from 1 to"),
        ({"epochs": 1.5}, "budget.epochs", "must be a whole number"),
        ({"minutes": 0}, "budget.minutes", "must be a number above 0"),
        ({"minutes": "1e1"}, "budget.minutes", "write 1.0e+1"),
    ],
)
def test_wrong_budgets(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Budget.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)


def test_listed_seeds_are_all_seeds() -> None:
    assert read_seeds([3, 0]) == ((3, 0), None)
    assert written_seeds((3, 0), None) == [3, 0]


@pytest.mark.parametrize("until", ["0.5%", "0.5 %", ".5%", 0.005])
def test_seeds_are_added_until_the_answer_is_clear(until: object) -> None:
    seeds, more = read_seeds({"until": until, "max": 12})
    assert seeds == (0, 1, 2)
    assert more == SeedsUntil(0.005, 12)
    assert read_seeds(written_seeds(seeds, more)) == (seeds, more)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"until": "0.5%"}, "study", "needs the key 'max'"),
        ({"unitl": "0.5%", "max": 12}, "unitl", "Did you mean 'until'?"),
        ({"until": 50, "max": 12}, "seeds.until", "Write 0.5 for 50 %."),
        ({"until": "0%", "max": 12}, "seeds.until", "both excluded"),
        ({"until": "often", "max": 12}, "seeds.until", "such as 0.5% or 0.005"),
        ({"until": "1%", "max": 1}, "seeds.max", "from 2 to"),
        ({"until": "1%", "max": 4, "start": 5}, "seeds.start", "must be at most max, 4, but got 5"),
        ({"until": "1%", "max": 4, "start": 1}, "seeds.start", "from 2 to"),
    ],
)
def test_wrong_rules_for_seeds(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_seeds(written)
    assert caught.value.where == where
    assert said in str(caught.value)
