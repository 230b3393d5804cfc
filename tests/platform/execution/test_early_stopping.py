"""Who leaves when: the rules on made numbers, then in cohorts that train."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from without_ray import schedule

from layerwise.models.training import Epoch
from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.early_stopping import (
    EarlyStopping,
    beyond_the_best,
    beyond_the_median,
    is_rung,
)
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.study import Study

BY = "validation/reconstruction_error"
HALVING = {"by": BY, "direction": "minimize", "from": 3, "factor": 3}
MEDIAN = {"by": BY, "direction": "minimize", "from": 2}
PLATEAU = {"by": BY, "direction": "minimize", "patience": 2, "tolerance": 0.1}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(
        Study(study="s", data="digits", stages=[{"name": "a", "model": "autoencoder"}]).data
    )


def cohort(data: DataSet, settings: int, stop: Mapping[str, Any], seeds: int = 1) -> Cohort:
    """So many settings of a stage of 27 epochs, each with so many seeds, ended by these rules."""
    rates = [0.001 * (1 + i) for i in range(settings)]
    stage = {
        "name": "codes",
        "model": "autoencoder",
        "hidden": 3,
        "learning_rate": {"grid": rates},
        "epochs": 27,
    }
    study = Study(study="s", data="digits", seeds=list(range(seeds)), stages=[stage])
    found = schedule(study, data).next()
    assert found is not None
    order = {rate: i for i, rate in enumerate(rates)}
    trials = sorted(found.trials, key=lambda t: (t.seed, order[t.settings["learning_rate"]]))
    return Cohort(tuple(replace(trial, stop=stop) for trial in trials))


def epoch(number: int, values: Mapping[int, float], diverged: Sequence[int] = ()) -> Epoch:
    """What the trials in training reached."""
    found = {BY: np.array(list(values.values()))}
    return Epoch(number, tuple(values), found, dict.fromkeys(diverged, 0))


def test_rungs_are_powers_of_the_factor() -> None:
    assert [n for n in range(1, 100) if is_rung(n, {"from": 3, "factor": 3})] == [3, 9, 27, 81]
    assert [n for n in range(1, 100) if is_rung(n, {"from": 5, "factor": 2})] == [5, 10, 20, 40, 80]


def test_the_best_share_of_all_stays() -> None:
    values = [0.9, 0.1, 0.5, 0.3, 0.7, 0.2]
    assert beyond_the_best(values, [], 3) == [0, 2, 3, 4]
    assert beyond_the_best(values, [], 2) == [0, 2, 4]
    # Against better ones from elsewhere all can lose; against worse ones more may stay.
    assert beyond_the_best(values, [0.01] * 6, 3) == [0, 1, 2, 3, 4, 5]
    assert beyond_the_best(values, [5.0] * 6, 3) == [0, 4]
    assert beyond_the_best([0.4], [], 3) == []
    assert beyond_the_best([0.4, 0.5], [], 3) == [1]
    assert beyond_the_best([None, 0.5, None, 0.4], [], 3) == [1]
    assert beyond_the_best([0.4, 0.4, 0.4], [], 3) == []
    assert beyond_the_best([math.inf, 0.4, 0.5], [], 3) == [0, 2]


def test_the_median_is_that_of_the_rest() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = rng.integers(0, 6, rng.integers(1, 9)).tolist()
        others = rng.integers(0, 6, rng.integers(0, 5)).tolist()
        expected = [
            place
            for place, value in enumerate(values)
            if (rest := values[:place] + values[place + 1 :] + others) and value > median(rest)
        ]
        assert beyond_the_median(values, others) == expected, (values, others)
    assert beyond_the_median([None, 3.0, 1.0, None], [2.0]) == [1]


def test_without_rules_nobody_leaves(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 3, {}))
    assert stopping.after(epoch(3, {0: 0.1, 1: 0.2, 2: 0.3})) == {}


def test_halving_keeps_a_third_at_every_rung(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 9, {"halving": HALVING}))
    reached = {i: 0.9 - i / 10 for i in range(9)}
    assert stopping.after(epoch(2, reached)) == {}
    assert stopping.after(epoch(3, reached)) == dict.fromkeys(range(6), "halving")
    rest = {i: reached[i] for i in (6, 7, 8)}
    assert stopping.after(epoch(4, rest)) == {}
    assert stopping.after(epoch(9, rest)) == {6: "halving", 7: "halving"}
    # The last epoch is the end anyway.
    assert stopping.after(epoch(27, {8: 0.5})) == {}


def test_more_is_better_where_the_rule_says_so(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 3, {"halving": HALVING | {"direction": "maximize"}}))
    assert stopping.after(epoch(3, {0: 0.1, 1: 0.2, 2: 0.3})).keys() == {0, 1}


def test_seeds_of_a_setting_stay_or_leave_together(data: DataSet) -> None:
    """Trials 0 to 2 are the settings with seed 0, trials 3 to 5 the same with seed 1."""
    stopping = EarlyStopping(cohort(data, 3, {"halving": HALVING}, seeds=2))
    values = {0: 0.1, 1: 0.4, 2: 0.5, 3: 0.9, 4: 0.3, 5: 0.6}
    # Means 0.5, 0.35 and 0.55: the best single trial is not in the best group.
    assert stopping.after(epoch(3, values)).keys() == {0, 2, 3, 5}


def test_seeds_in_other_cohorts_follow_the_first(data: DataSet, tmp_path: Path) -> None:
    whole = cohort(data, 3, {"halving": HALVING, "median": MEDIAN | {"from": 20}}, seeds=3)
    parts = [Cohort(whole.trials[i : i + 3]) for i in (0, 3, 6)]
    first, second, third = (EarlyStopping(part, tmp_path) for part in parts)
    assert first.after(epoch(3, {0: 0.1, 1: 0.2, 2: 0.3})).keys() == {1, 2}
    # The last is the best here, but with one seed alone it is not in any answer.
    assert second.after(epoch(3, {0: 0.3, 1: 0.2, 2: 0.1})).keys() == {1, 2}
    assert first.after(epoch(9, {0: 0.1})) == {}
    assert second.after(epoch(9, {0: 0.3})) == {}
    # With a seed that diverged the setting is out, for those that come later too.
    assert second.after(epoch(20, {}, diverged=[0])) == {}
    assert third.after(epoch(3, {0: 0.3, 1: 0.2, 2: 0.1})).keys() == {1, 2}
    assert third.after(epoch(20, {0: 0.3})) == {0: "median"}


def test_a_diverged_seed_takes_its_group_out(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 3, {"halving": HALVING}, seeds=2))
    stopping.after(epoch(1, {0: 0.1, 1: 0.4, 2: 0.5, 4: 0.3, 5: 0.6}, diverged=[3]))
    leaving = stopping.after(epoch(3, {0: 0.1, 1: 0.4, 2: 0.5, 4: 0.3, 5: 0.6}))
    assert leaving.keys() == {0, 2, 5}


def test_numbers_that_are_none_come_last(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 3, {"halving": HALVING}))
    assert stopping.after(epoch(3, {0: math.nan, 1: 0.2, 2: 0.1})).keys() == {0, 1}


def test_a_later_cohort_is_compared_with_an_earlier_one(data: DataSet, tmp_path: Path) -> None:
    whole = cohort(data, 12, {"halving": HALVING})
    early, late = Cohort(whole.trials[:6]), Cohort(whole.trials[6:])
    first = EarlyStopping(early, tmp_path)
    assert first.after(epoch(3, {i: 0.1 * (1 + i) for i in range(6)})).keys() == {2, 3, 4, 5}
    # Of twelve the best four stay: 0.1 and 0.2 are taken.
    second = EarlyStopping(late, tmp_path)
    values = {0: 0.15, 1: 0.16, 2: 0.25, 3: 0.5, 4: 0.6, 5: 0.7}
    assert second.after(epoch(3, values)).keys() == {2, 3, 4, 5}
    third = EarlyStopping(Cohort(tuple(reversed(late.trials))), tmp_path / "of another plan")
    assert third.after(epoch(3, dict.fromkeys(range(6), 9.0))) == {}


def test_another_attempt_repeats_what_was_decided(data: DataSet, tmp_path: Path) -> None:
    whole = cohort(data, 6, {"halving": HALVING})
    one, other = Cohort(whole.trials[:3]), Cohort(whole.trials[3:])
    values = {0: 0.3, 1: 0.2, 2: 0.1}
    decided = EarlyStopping(one, tmp_path).after(epoch(3, values))
    assert decided.keys() == {0, 1}
    EarlyStopping(other, tmp_path).after(epoch(3, dict.fromkeys(range(3), 0.01)))
    assert EarlyStopping(one, tmp_path).after(epoch(3, values)) == decided
    # With other numbers it is another training, and is compared anew.
    assert EarlyStopping(one, tmp_path).after(epoch(3, values | {0: 0.31})).keys() == {0, 1, 2}


def test_the_median_rule_compares_means_over_epochs(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 4, {"median": MEDIAN}))
    assert stopping.after(epoch(0, dict.fromkeys(range(4), 9.0))) == {}
    assert stopping.after(epoch(1, {0: 0.9, 1: 0.5, 2: 0.1, 3: 0.8})) == {}
    # Means 0.5, 0.45, 0.35 and 0.7, whatever the last values are.
    leaving = stopping.after(epoch(2, {0: 0.1, 1: 0.4, 2: 0.6, 3: 0.6}))
    assert leaving == {0: "median", 3: "median"}


def test_those_that_left_still_count_for_the_median(data: DataSet) -> None:
    """Else the better half would be halved again at every epoch."""
    stopping = EarlyStopping(cohort(data, 8, {"median": MEDIAN}))
    reached = {i: 0.1 * (1 + i) for i in range(8)}
    for number in (1, 2):
        leaving = stopping.after(epoch(number, reached))
    assert leaving.keys() == {4, 5, 6, 7}
    better = {i: reached[i] for i in range(4)}
    for number in range(3, 20):
        assert stopping.after(epoch(number, better)) == {}


def test_a_plateau_is_a_matter_of_each_trial(data: DataSet) -> None:
    stopping = EarlyStopping(cohort(data, 2, {"plateau": PLATEAU}))
    # A tenth better counts, less does not; what creeps is compared with the last that counted.
    falling, creeping = [1.0, 0.8, 0.6, 0.5, 0.4], [1.0, 0.95, 0.89, 0.85, 0.81]
    for number, values in enumerate(zip(falling, creeping, strict=True)):
        leaving = stopping.after(epoch(number, dict(enumerate(values))))
        assert leaving == ({1: "plateau"} if number == 4 else {})
    assert stopping.after(epoch(5, {0: 0.399})) == {}
    assert stopping.after(epoch(6, {0: 0.398})) == {0: "plateau"}


def test_what_is_done_by_a_plateau_counts_at_the_rungs_after_it(data: DataSet) -> None:
    stop = {"halving": HALVING, "plateau": PLATEAU}
    stopping = EarlyStopping(cohort(data, 3, stop))
    stopping.after(epoch(0, {0: 0.1, 1: 0.9, 2: 0.8}))
    stopping.after(epoch(1, {0: 0.1, 1: 0.7, 2: 0.6}))
    assert stopping.after(epoch(2, {0: 0.1, 1: 0.5, 2: 0.4})) == {0: "plateau"}
    # It is the best third, and it stays what it is: finished.
    assert stopping.after(epoch(3, {1: 0.3, 2: 0.2})) == {1: "halving", 2: "halving"}
