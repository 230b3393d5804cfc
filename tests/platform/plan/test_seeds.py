"""Seeds that are added to the settings that may be the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from pretended import ERROR, SOURCE, Ending, of, stage, study, train
from scipy import stats

from layerwise.platform.plan import Trial, plan
from layerwise.platform.plan.seeds import compared, further_seeds, standing, target
from layerwise.platform.plan.trial import STOPPED
from layerwise.platform.study import Study

ADDING = {"until": "0.5%", "max": 12, "start": 3}


def stacks(rates: int = 3, **rest: Any) -> Study:
    """Two settings below, so many on each of them."""
    return study(stage("first", 2), stage("second", rates), **{"seeds": ADDING, **rest})


def noisy(spread: float, gap: float = 1.0, noise: int = 0) -> Ending:
    """Errors of 100 and more: ``gap`` from one learning rate to the next, ten of it a stage below.

    What a seed does to all settings is large, what it does to one has the deviation ``spread``.
    """

    def ending(trial: Trial) -> Mapping[str, float]:
        place = round(100 * trial.settings["learning_rate"]) - 1
        below = round(100 * trial.inherited.get("first.learning_rate", 0.01)) - 1
        own = np.random.default_rng([noise, int(trial.setting[:12], 16), trial.seed])
        error = 100 + gap * (place + 10 * below) + 7 * trial.seed
        return {ERROR: error + spread * own.standard_normal()}

    return ending


def seeds_of(trials: list[Trial]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for trial in trials:
        found.setdefault(trial.setting, []).append(trial.seed)
    return found


def test_a_clear_winner_gets_no_further_seeds() -> None:
    grown, finished = train(stacks(), noisy(0.001))
    assert {tuple(seeds) for seeds in seeds_of(list(grown.trials())).values()} == {(0, 1, 2)}
    found = standing(grown.study, finished, grown)
    assert found is not None
    assert found.contest.state == "clear"
    assert found.settings[found.contest.best] == of(grown, "second")[0].setting
    assert further_seeds(grown.study, finished, grown) == {}


def test_contenders_and_what_they_stand_on_get_further_seeds() -> None:
    # Two settings of "second" differ by less than can be seen, all others by far more.
    def ending(trial: Trial) -> Mapping[str, float]:
        found = noisy(2.0, gap=1000.0)(trial)[ERROR]
        alike = trial.settings["learning_rate"] == 0.02 and trial.stage == "second"
        return {ERROR: found - (1000.0 if alike else 0.0)}

    grown, finished = train(stacks(), ending)
    first, second = (seeds_of(of(grown, name)) for name in ("first", "second"))
    assert [len(seeds) for seeds in first.values()] == [12, 3]
    assert sorted(len(seeds) for seeds in second.values()) == [3, 3, 3, 3, 12, 12]
    assert max(map(len, second.values())) == len(range(12))
    by_key = {trial.key: trial for trial in grown.trials()}
    for trial in of(grown, "second"):
        [parent] = trial.parents
        assert by_key[parent].seed == trial.seed
        assert [below.key for below in trial.stack] == [parent]
    found = standing(grown.study, finished, grown)
    assert found is not None
    assert found.contest.state == "open"
    assert not found.contest.waiting


def test_the_trials_are_those_that_a_list_of_seeds_makes() -> None:
    grown, _ = train(stacks(), noisy(50.0))
    listed = {t.key for t in plan(stacks(seeds=list(range(12))), SOURCE).trials()}
    keys = [trial.key for trial in grown.trials()]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= listed


def test_close_enough_is_enough() -> None:
    loose = {"until": "20%", "max": 12}
    grown, finished = train(stacks(seeds=loose), noisy(2.0, gap=0.001))
    found = standing(grown.study, finished, grown)
    assert found is not None
    assert found.contest.state == "close"
    assert found.contest.seeds < 12


def test_what_came_in_later_changes_no_earlier_decision() -> None:
    """Killed after any result and begun again: the plan is the same, whatever the order."""
    made = stacks(rates=2)
    grown, finished = train(made, noisy(3.0))
    order = [trial.key for trial in grown.trials()]
    for count in range(0, len(order), 5):
        part = plan(made, SOURCE, {key: finished[key] for key in order[:count]})
        assert {trial.key for trial in part.trials()} <= set(order)
    assert [t.key for t in plan(made, SOURCE, finished).trials()] == order


def test_nothing_is_added_before_all_starting_seeds_have_ended() -> None:
    made = stacks()
    begun = plan(made, SOURCE)
    finished = {trial.key: noisy(50.0)(trial) for trial in begun.trials()}
    assert further_seeds(made, finished, begun)
    last = of(begun, "second")[-1].key
    missing = {key: value for key, value in finished.items() if key != last}
    assert further_seeds(made, missing, begun) == {}
    assert standing(made, missing, begun) is None
    assert further_seeds(stacks(seeds=[0, 1, 2]), finished, begun) == {}


@pytest.mark.parametrize("loss", [{}, {ERROR: 0.0, STOPPED: 3.0}, {"validation/other": 0.0}])
def test_a_lost_seed_puts_a_setting_out(loss: Mapping[str, float]) -> None:
    """Diverged, stopped or without the metric, at a starting seed or at a further one."""
    for seed in (1, 4):

        def ending(trial: Trial, seed: int = seed) -> Mapping[str, float]:
            lost = trial.settings["learning_rate"] == 0.01 and trial.seed == seed
            return loss if lost and trial.stage == "second" else noisy(5.0)(trial)

        grown, finished = train(stacks(rates=2), ending)
        found = standing(grown.study, finished, grown)
        assert found is not None
        rates = {t.setting: t.settings["learning_rate"] for t in of(grown, "second")}
        contending = [s for s, c in zip(found.settings, found.contest.contending, strict=True) if c]
        assert contending
        assert all(rates[setting] == 0.02 for setting in contending)


def test_a_seed_lost_below_counts_as_lost() -> None:
    def ending(trial: Trial) -> Mapping[str, float]:
        return {} if trial.stage == "first" and trial.seed == 4 else noisy(50.0)(trial)

    grown, finished = train(stacks(rates=2), ending)
    assert {trial.seed for trial in of(grown, "first")} == {0, 1, 2, 3, 4}
    found = standing(grown.study, finished, grown)
    assert found is not None
    assert not found.contest.waiting
    assert found.contest.best == -1


def test_the_last_stage_is_compared_by_its_own_target() -> None:
    kept = stage("second", 2, keep={"best": 1, "by": "validation/dead_units"})
    made = study(stage("first"), kept, seeds=ADDING)
    assert target(made, "second") == ("validation/dead_units", "minimize")
    assert target(made, "first") == (ERROR, "minimize")


def test_a_stage_on_the_way_is_compared_by_the_starting_seeds() -> None:
    grown, finished = train(stacks(), noisy(50.0))
    values = {t: finished[t.key][ERROR] for t in of(grown, "first")}
    found = compared(grown.study, "first", values, "minimize")
    starting = {t: v for t, v in values.items() if t.seed < 3}
    assert len(starting) < len(values)
    again = compared(grown.study, "first", starting, "minimize")
    np.testing.assert_array_equal(found.contest.low, again.contest.low)
    assert found.contest.asked.tolist() == [3, 3]


def test_a_wrong_winner_is_called_in_one_study_of_twenty_at_most() -> None:
    """Equal settings, seeds added look by look: every winner is a wrong one."""
    made = study(stage("only", 2), seeds={"until": 1e-6, "max": 12, "start": 3})
    repeats, wrong = 150, 0
    for noise in range(repeats):
        grown, finished = train(made, noisy(1.0, gap=0.0, noise=noise))
        found = standing(made, finished, grown)
        assert found is not None
        wrong += found.contest.state == "clear"
    assert wrong <= stats.binom.ppf(0.999, repeats, 0.05)
