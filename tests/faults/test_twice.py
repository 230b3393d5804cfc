"""The same study, started twice at once in one home."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from disturbed import TRIALS, Disturbed

Moment = Callable[[float, float], float]


@pytest.mark.only_with_rounds
def test_the_same_study_is_started_twice(disturbed: Disturbed, moment: Moment) -> None:
    first = disturbed.start("--no-report")
    time.sleep(moment(0.0, 0.8 * disturbed.seconds))
    second = disturbed.start("--no-report")
    printed = [disturbed.end(process)[0]["plan"] for process in (first, second)]
    print([(plan["trained"], plan["reused"]) for plan in printed])
    assert sum(plan["trained"] for plan in printed) == TRIALS
    disturbed.check()
