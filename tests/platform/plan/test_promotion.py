"""Which settings get children."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pretended import ERROR, SOURCE, by_rate, of, settings, stage, study, train

from layerwise.platform.plan import Plan, Trial, plan
from layerwise.platform.plan.promotion import Results, SeedGroup, compares, ranking
from layerwise.platform.study import Stage, Study

STOPPED = {"halving": {"from": 2}}


def parents_of(grown: Plan, name: str) -> set[str]:
    return {key for trial in of(grown, name) for key in trial.parents}


def test_a_fraction_of_the_settings_goes_on_with_all_its_seeds() -> None:
    made = study(stage("first", 9, keep={"fraction": 0.25}), stage("second", 2))
    grown, _ = train(made)
    kept = [t for t in of(grown, "first") if t.key in parents_of(grown, "second")]
    assert settings(kept) == [0.01, 0.02]
    assert sorted((t.settings["learning_rate"], t.seed) for t in kept) == [
        (0.01, 0), (0.01, 1), (0.02, 0), (0.02, 1),
    ]  # fmt: skip
    assert len(of(grown, "second")) == 2 * 2 * 2


def test_a_stopped_seed_keeps_its_setting_out() -> None:
    def ending(trial: Trial) -> Mapping[str, float]:
        lost = trial.settings["learning_rate"] == 0.01 and trial.seed == 1
        return {**by_rate(trial), "stopped_at": 2.0} if lost else by_rate(trial)

    made = study(stage("first", 3, keep={"best": 1}, stop=STOPPED), stage("second", 2))
    grown, finished = train(made, ending)
    kept = [t for t in of(grown, "first") if t.key in parents_of(grown, "second")]
    assert settings(kept) == [0.02]
    assert len(ranking(of(grown, "first"), ERROR, finished)) == 2


def test_where_siblings_are_compared_a_setting_waits_for_its_last_seed() -> None:
    made = study(stage("first", 2, stop=STOPPED), stage("second", 3))
    roots = of(plan(made, SOURCE), "first")
    assert plan(made, SOURCE).expected == 4 + 12
    assert not plan(made, SOURCE).decided
    good = {t.key: by_rate(t) for t in roots if t.settings["learning_rate"] == 0.01}
    half = plan(made, SOURCE, dict(list(good.items())[:1]))
    assert of(half, "second") == []
    one = plan(made, SOURCE, good)
    assert parents_of(one, "second") == set(good)
    dropped = {t.key: {ERROR: 1.0, "stopped_at": 2.0} for t in roots if t.key not in good}
    both = plan(made, SOURCE, good | dropped)
    assert parents_of(both, "second") == set(good)
    assert both.decided
    assert both.expected == 4 + 6


def test_only_rules_that_compare_make_children_wait() -> None:
    assert compares(stage("a", stop=STOPPED))
    assert compares(stage("a", stop={"median": {}}))
    assert not compares(stage("a", stop={"plateau": {}}))
    assert not compares(stage("a"))


def test_a_promotion_above_a_diverged_trial_is_decided_without_it() -> None:
    made = study(stage("first", 2), stage("second", 2, keep={"best": 1}), stage("third"))

    def ending(trial: Trial) -> Mapping[str, float]:
        lost = trial.stage == "first" and trial.settings["learning_rate"] == 0.01
        return {} if lost else by_rate(trial)

    grown, _ = train(made, ending)
    assert grown.decided
    [above] = settings([t for t in of(grown, "second") if t.key in parents_of(grown, "third")])
    assert above == 0.01
    assert {t.inherited["first.learning_rate"] for t in of(grown, "third")} == {0.02}


def descended(best: float, **keep: object) -> Study:
    """The first stage's own metric says 0.01 is best, the last stage's objective says `best`."""
    return study(
        stage("first", 4, keep={"best": 2, "value": "descendants", **keep}),
        stage("second", 2, keep={"best": 1}),
        stage("third", 3),
    )


def by_descendants(trial: Trial) -> Mapping[str, float]:
    if trial.stage != "third":
        return by_rate(trial)
    first = trial.inherited["first.learning_rate"]
    return {ERROR: abs(first - 0.035) + trial.settings["learning_rate"] + 0.001 * trial.seed}


def test_a_setting_is_worth_what_its_best_descendant_is() -> None:
    made = descended(0.035)
    probing = plan(made, SOURCE)
    # One line of first children under every setting, known before anything has run.
    assert [len(of(probing, name)) for name in ("first", "second", "third")] == [8, 8, 8]
    assert not probing.decided
    grown, finished = train(made, by_descendants)
    assert grown.decided
    full = {
        t.inherited["first.learning_rate"]
        for t in of(grown, "second")
        if t.settings["learning_rate"] == 0.02
    }
    assert full == {0.03, 0.04}
    # Of the second stage's settings under those two the best one gets all three children, and the
    # probes of the others stay.
    counts: dict[float, int] = {}
    for trial in of(grown, "third"):
        rate = trial.inherited["first.learning_rate"]
        counts[rate] = counts.get(rate, 0) + 1
    assert counts == {0.01: 2, 0.02: 2, 0.03: 6, 0.04: 2}
    again = plan(made, SOURCE, finished)
    assert [t.key for t in again.trials()] == [t.key for t in grown.trials()]


def test_what_was_planned_once_stays_planned() -> None:
    made = descended(0.035)
    known: set[str] = set()
    finished: dict[str, Mapping[str, float]] = {}
    while True:
        grown = plan(made, SOURCE, finished)
        keys = {trial.key for trial in grown.trials()}
        assert known <= keys
        assert len(keys) <= grown.expected
        known = keys
        fresh = [t for t in grown.trials() if t.key not in finished and {*t.parents} <= {*finished}]
        if not fresh:
            assert grown.decided
            return
        finished[fresh[-1].key] = by_descendants(fresh[-1])


def test_probes_wait_for_what_is_chosen_beside_them() -> None:
    left = stage("left", 3, after=[], keep={"best": 1, "value": "descendants"})
    right = stage("right", 2, after=[], keep={"best": 1}, hidden=6)
    made = study(left, right, stage("top", 2, after=["left", "right"]))
    roots = {t.key: by_rate(t) for t in plan(made, SOURCE).trials()}
    only_left = {t.key: roots[t.key] for t in of(plan(made, SOURCE), "left")}
    assert of(plan(made, SOURCE, only_left), "top") == []
    assert not plan(made, SOURCE, only_left).decided
    grown, _ = train(made)
    assert len(of(grown, "top")) == 2 * (3 + 1)


def test_a_stage_without_descendants_cannot_be_valued_by_them() -> None:
    side = Stage(
        name="side", model="autoencoder", after=[], keep={"best": 1, "value": "descendants"}
    )
    with pytest.raises(ValueError, match=r"stages\[0\].keep.value: needs the study's last stage"):
        study(side, stage("last", after=[]))


def test_lost_are_those_that_diverged_or_were_dropped_and_all_above_them() -> None:
    trials = list(plan(study(stage("first", 3), stage("second"), seeds=(0,)), SOURCE).trials())
    first, second = trials[:3], trials[3:]
    results = Results({first[0].key: {}, first[1].key: {ERROR: 1.0, "stopped_at": 3.0}})
    results.note(trials)
    assert results.lost == {t.key for t in (*first[:2], *second[:2])}
    settled = [results.settled(SeedGroup((t,), frozenset())) for t in trials]
    assert settled == [True, True, False, True, True, False]
