"""Settings that are proposed one after another."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pretended import ERROR, SOURCE, of, settings, stage, study, train

from layerwise.platform.plan import Trial, plan
from layerwise.platform.plan.proposals import STARTING, Result, Search, result
from layerwise.platform.plan.tree import Tree
from layerwise.platform.study import Choice, Grid, Integers, LogUniform, Stage, Uniform


def searched(name: str = "second", **search: Any) -> Stage:
    return Stage(
        name=name,
        model="autoencoder",
        hidden=Integers(2, 9),
        learning_rate=LogUniform(1e-4, 1.0),
        optimiser=Grid(["adam", "momentum"]),
        momentum=Uniform(0.1, 0.9, when={"optimiser": "momentum"}),
        search={"trials": 18, "at_once": 4, **search},
    )


def bowl(trial: Trial) -> Mapping[str, float]:
    """A smooth valley with its floor at a learning rate of 0.01, with a momentum of 0.5."""
    found = trial.settings
    far = (math.log10(found["learning_rate"]) + 2) ** 2
    far += (found["momentum"] - 0.5) ** 2 if found["optimiser"] == "momentum" else 1.0
    # How deep it is depends on the parent, and a little on the seed.
    above = sum(value for value in trial.inherited.values() if isinstance(value, float))
    return {ERROR: far * (1 + above) + 0.01 * trial.seed}


def test_a_round_is_known_when_the_one_before_has_ended_for_all_seeds() -> None:
    made = study(searched(), seeds=(0, 1, 2))
    tree = Tree(made, SOURCE)
    first = tree.grown({})
    assert len(list(first.trials())) == 4 * 3
    assert first.expected == 18 * 3
    assert not first.decided
    finished = {t.key: bowl(t) for t in first.trials()}
    last = list(finished)[-1]
    some = {key: value for key, value in finished.items() if key != last}
    assert len(list(tree.grown(some).trials())) == 4 * 3
    second = tree.grown(finished)
    assert len(list(second.trials())) == 8 * 3
    assert {t.key for t in first.trials()} < {t.key for t in second.trials()}


def test_a_search_is_worked_out_again_from_the_results_alone() -> None:
    made = study(stage("first", 2), searched())
    grown, finished = train(made, bowl)
    assert grown.decided
    again = plan(made, SOURCE, finished)
    assert [t.key for t in again.trials()] == [t.key for t in grown.trials()]
    # In whichever order results came, and in another process with another hash seed.
    shuffled = dict(sorted(finished.items()))
    assert [t.key for t in plan(made, SOURCE, shuffled).trials()] == [t.key for t in again.trials()]
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_proposals import *\n"
        "grown, _ = train(study(stage('first', 2), searched()), bowl)\n"
        "print(json.dumps([t.key for t in grown.trials()]))"
    )
    folder = str(Path(__file__).parent)
    found = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout) == [t.key for t in grown.trials()]


def test_parents_are_searched_under_separately_and_none_waits_for_another() -> None:
    made = study(stage("first", 2), searched(trials=20), seeds=(0,))
    tree = Tree(made, SOURCE)
    finished: dict[str, Mapping[str, float]] = {}
    for _ in range(6):
        grown = tree.grown(finished)
        for trial in grown.trials():
            fast = trial.inherited.get("first.learning_rate") == 0.01
            if trial.stage == "first" or fast:
                finished[trial.key] = bowl(trial)
    under = {rate: [t for t in of(grown, "second") if t.inherited["first.learning_rate"] == rate]
             for rate in (0.01, 0.02)}  # fmt: skip
    assert [len(trials) for trials in under.values()] == [20, 4]


def test_the_first_proposals_are_the_same_under_all_parents_and_later_ones_follow_results() -> None:
    grown, _ = train(study(stage("first", 2), searched(), seeds=(0,)), bowl)
    under = [
        [t.swept for t in of(grown, "second") if t.inherited["first.learning_rate"] == rate]
        for rate in (0.01, 0.02)
    ]
    assert under[0][:STARTING] == under[1][:STARTING]

    def other(trial: Trial) -> Mapping[str, float]:
        return {ERROR: -bowl(trial)[ERROR]}

    turned, _ = train(study(stage("first", 2), searched(), seeds=(0,)), other)
    swept = [t.swept for t in of(turned, "second")[:18]]
    assert swept[:12] == under[0][:12] or swept[:STARTING] == under[0][:STARTING]
    assert swept[STARTING:] != under[0][STARTING:]


def test_more_trials_keep_the_first_ones() -> None:
    few, _ = train(study(searched(trials=14), seeds=(0,)), bowl)
    many, _ = train(study(searched(trials=18), seeds=(0,)), bowl)
    assert [t.key for t in few.trials()] == [t.key for t in many.trials()][:14]


def test_random_proposals_need_no_results_and_are_what_samples_draws() -> None:
    made = study(searched("codes", sampler="random"))
    grown = plan(made, SOURCE)
    assert grown.decided
    assert len(list(grown.trials())) == 18 * 2
    drawn = Stage(name="codes", model="autoencoder", learning_rate=LogUniform(1e-4, 1.0, 18))
    rates = [t.settings["learning_rate"] for t in plan(study(drawn), SOURCE).trials()]
    assert [t.settings["learning_rate"] for t in grown.trials()] == rates
    other = plan(study(searched("codes", sampler="random", seed=1)), SOURCE)
    assert not {t.key for t in other.trials()} & {t.key for t in grown.trials()}


def test_a_conditional_value_is_proposed_where_its_condition_holds() -> None:
    grown, _ = train(study(searched(), seeds=(0,)), bowl)
    momenta = [t.swept.get("momentum") for t in grown.trials()]
    kinds = [t.swept["optimiser"] for t in grown.trials()]
    assert set(kinds) == {"adam", "momentum"}
    for momentum, kind in zip(momenta, kinds, strict=True):
        assert (momentum is not None) == (kind == "momentum")


def test_values_keep_to_their_domains_and_have_twelve_digits() -> None:
    grown, _ = train(study(searched(), seeds=(0,)), bowl)
    for trial in grown.trials():
        rate = trial.settings["learning_rate"]
        assert 1e-4 <= rate <= 1.0
        assert rate == float(f"{rate:.12g}")
        assert 2 <= trial.settings["hidden"] <= 9


def test_a_repeated_proposal_is_one_trial() -> None:
    small = Stage(name="codes", model="autoencoder", hidden=Choice([2, 3]), search={"trials": 12})
    grown, _ = train(study(small, seeds=(0,)), lambda t: {ERROR: float(t.settings["hidden"])})
    assert grown.decided
    assert settings(list(grown.trials()), "hidden") in ([2, 3], [3, 2])
    assert grown.expected == 2


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_nothing_more_is_proposed_under_a_parent_that_was_lost(sampler: str) -> None:
    def ending(trial: Trial) -> Mapping[str, float]:
        lost = trial.stage == "first" and trial.settings["learning_rate"] == 0.02
        return {} if lost and trial.seed == 1 else bowl(trial)

    grown, _ = train(study(stage("first", 2), searched(sampler=sampler)), ending)
    assert grown.decided
    under = [t for t in of(grown, "second") if t.inherited["first.learning_rate"] == 0.02]
    assert len(under) == (4 if sampler == "tpe" else 18) * 2


def test_lost_proposals_are_no_end_and_count_as_bad() -> None:
    def ending(trial: Trial) -> Mapping[str, float]:
        if trial.settings["learning_rate"] > 0.02:
            return {}
        if trial.settings["learning_rate"] < 0.001:
            return {**bowl(trial), "stopped_at": 3.0}
        return bowl(trial)

    grown, finished = train(study(searched(trials=30, at_once=2), seeds=(0,)), ending)
    assert grown.decided
    sound = ["stopped_at" not in finished[t.key] and bool(finished[t.key]) for t in grown.trials()]
    assert len(sound) == 30
    assert sum(sound[15:]) > sum(sound[:15])


def test_several_metrics_are_learnt_from_at_once() -> None:
    by = [ERROR, "validation/dead_units"]

    def ending(trial: Trial) -> Mapping[str, float]:
        far = math.log10(trial.settings["learning_rate"])
        return {by[0]: (far + 3) ** 2, by[1]: (far + 2) ** 2}

    def between(sampler: str) -> int:
        codes = Stage(
            name="codes",
            model="autoencoder",
            learning_rate=LogUniform(1e-4, 1.0),
            search={"sampler": sampler, "trials": 40, "by": by, "direction": "minimize"},
        )
        grown, _ = train(study(codes, seeds=(0,)), ending)
        rates = [t.settings["learning_rate"] for t in grown.trials()]
        assert len(rates) == 40
        return sum(1e-3 <= rate <= 1e-2 for rate in rates)

    # There nothing can be better in both: that is where proposals gather.
    assert between("tpe") > between("random")


def test_learning_from_results_beats_chance_on_a_smooth_valley() -> None:
    def best(sampler: str, seed: int) -> float:
        made = study(searched(trials=40, sampler=sampler, seed=seed), seeds=(0,))
        grown, finished = train(made, bowl)
        return min(finished[t.key][ERROR] for t in grown.trials())

    differences = [best("random", seed) - best("tpe", seed) for seed in range(4)]
    assert sum(differences) > 0


def test_how_a_setting_turned_out() -> None:
    made = study(stage("codes", 1), seeds=(0, 1))
    trials = list(plan(made, SOURCE).trials())
    zero, one = (trial.key for trial in trials)
    assert result(trials, [ERROR], {zero: {ERROR: 1.0}, one: {ERROR: 3.0}}) == Result((2.0,))
    assert result(trials, [ERROR], {zero: {ERROR: 1.0}, one: {}}) == Result(None)
    dropped = {zero: {ERROR: 1.0, "stopped_at": 4.0}, one: {ERROR: 3.0}}
    assert result(trials, [ERROR], dropped) == Result((2.0,), 4)


def test_a_closed_search_is_complete() -> None:
    placed = study(searched()).stages[0]
    search = Search(placed)
    assert not search.complete
    search.close()
    search.tell([Result((1.0,))] * 4)
    assert search.complete
    assert len(search.points) == 4
    assert not search.open
