"""The tree of a study: counts, keys, parents, promotions."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.errors import StudyError
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.tree import Tree, ranking, sketch
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
LEVELS = [0.0, 0.1, 0.3]


def study(*stages: Stage, seeds: tuple[int, ...] = (0, 1), **rest: Any) -> Study:
    return Study(study="tree", data="digits", seeds=seeds, stages=stages, **rest)


def first(levels: list[float] = LEVELS, **rest: Any) -> Stage:
    corruption = {"kind": "gaussian", "level": {"grid": levels}}
    return Stage(
        name="first", model="autoencoder", **{"hidden": 32, "corruption": corruption, **rest}
    )


def second(**rest: Any) -> Stage:
    return Stage(
        name="second",
        model="contractive_autoencoder",
        hidden=8,
        contraction={"weight": {"grid": [0.01, 0.1]}},
        **rest,
    )


def keys(made: Study, source: Source = SOURCE) -> set[str]:
    return {trial.key for trial in plan(made, source).trials()}


def test_children_hang_under_every_parent_of_the_same_seed() -> None:
    made = plan(study(first(), second()), SOURCE)
    below = [t for t in made.trials() if t.stage == "second"]
    above = {t.key: t for t in made.trials() if t.stage == "first"}
    assert made.expected == 6 + 12
    assert len(below) == 12
    for trial in below:
        [parent] = trial.parents
        assert above[parent].seed == trial.seed
        assert trial.visible == 32
        assert trial.inherited == {
            "first.corruption.level": above[parent].swept["corruption.level"]
        }


def test_a_key_changes_with_whatever_determines_the_numbers() -> None:
    base = keys(study(first()))
    assert keys(study(first())) == base
    for other in (
        keys(study(first(learning_rate=0.1))),
        keys(study(first(epochs=3))),
        keys(study(first(hidden=16))),
        keys(study(first(), dtype="float64")),
        keys(study(first()), Source("e" * 64, 64, 1000)),
        keys(study(first(), seeds=(7, 8))),
    ):
        assert not base & other


def test_a_key_does_not_change_with_names_or_questions() -> None:
    renamed = Stage(name="other", model="autoencoder", hidden=32,
                    corruption={"kind": "gaussian", "level": {"grid": LEVELS}})  # fmt: skip
    assert keys(study(first())) == keys(study(renamed, question="Why?"))


def test_changing_one_grid_value_reaches_only_its_trials_and_their_descendants() -> None:
    before = plan(study(first(), second()), SOURCE)
    after = plan(study(first([0.0, 0.1, 0.5]), second()), SOURCE)
    kept = {t.key for t in before.trials()} & {t.key for t in after.trials()}
    assert {t.key for t in after.trials() if t.key in kept} == {
        t.key
        for t in before.trials()
        if t.swept.get("corruption.level", t.inherited.get("first.corruption.level")) != 0.3
    }
    assert len(kept) == 4 + 8


def test_a_default_written_out_is_the_same_trial() -> None:
    assert keys(study(first())) == keys(study(first(tied=False, activation="sigmoid")))


@given(st.permutations(LEVELS))
def test_the_order_of_a_grid_changes_no_key(levels: list[float]) -> None:
    assert keys(study(first(levels))) == keys(study(first()))


def test_settings_group_the_seeds() -> None:
    made = plan(study(first(), second(), seeds=(3, 4, 5)), SOURCE)
    groups: dict[str, set[int]] = {}
    for trial in made.trials():
        groups.setdefault(trial.setting, set()).add(trial.seed)
    assert set(map(frozenset, groups.values())) == {frozenset({3, 4, 5})}
    assert len(groups) == 3 + 6


def test_a_promotion_waits_for_all_it_chooses_from() -> None:
    made = study(first(keep={"best": 2}), second())
    unknown = plan(made, SOURCE)
    assert not unknown.decided
    assert unknown.expected == 6 + 2 * 2 * 2
    roots = list(unknown.trials())
    metrics = {t.key: {"validation/reconstruction_error": _error(t)} for t in roots}
    some = dict(list(metrics.items())[:-1])
    assert not plan(made, SOURCE, some).decided
    decided = plan(made, SOURCE, metrics)
    assert decided.decided
    parents = {p for t in decided.trials() for p in t.parents}
    # The middle level is the best, then the first: promoted over the mean of their seeds.
    assert parents == {t.key for t in roots if t.swept["corruption.level"] in (0.1, 0.0)}


def test_a_promotion_maximizes_where_it_is_told_to() -> None:
    keep = {"best": 1, "by": "validation/hoyer_sparsity", "direction": "maximize"}
    made = study(first(keep=keep), second())
    roots = list(plan(made, SOURCE).trials())
    metrics = {t.key: {"validation/hoyer_sparsity": t.swept["corruption.level"]} for t in roots}
    parents = {p for t in plan(made, SOURCE, metrics).trials() for p in t.parents}
    assert parents == {t.key for t in roots if t.swept["corruption.level"] == 0.3}


def test_a_setting_with_a_diverged_seed_is_not_promoted() -> None:
    made = study(first(keep={"best": 1}), second())
    roots = list(plan(made, SOURCE).trials())
    metrics = {t.key: {"validation/reconstruction_error": _error(t)} for t in roots}
    lost = next(t for t in roots if t.swept["corruption.level"] == 0.1)
    metrics[lost.key] = {}
    parents = {p for t in plan(made, SOURCE, metrics).trials() for p in t.parents}
    assert parents == {t.key for t in roots if t.swept["corruption.level"] == 0.0}
    assert lost.setting not in ranking(roots, "validation/reconstruction_error", metrics)


def test_a_stage_after_two_reads_both_codes() -> None:
    left = Stage(name="left", model="autoencoder", hidden=10, after=[])
    right = Stage(name="right", model="autoencoder", hidden=6, after=[], activation="tanh")
    top = Stage(name="top", model="autoencoder", hidden=4, after=["left", "right"])
    made = plan(study(left, right, top), SOURCE)
    tops = [t for t in made.trials() if t.stage == "top"]
    assert made.expected == 2 + 2 + 2
    assert {t.visible for t in tops} == {16}
    assert all(len(t.parents) == 2 for t in tops)


def test_settings_that_exclude_one_another_are_the_persons_mistake() -> None:
    mixed = {"kind": "masking", "level": {"grid": [0.5, 1.5]}}
    with pytest.raises(StudyError, match=r"first.*corruption.level.*from 0 to 1.*1.5"):
        plan(study(first(corruption=mixed)), SOURCE)


def test_a_declared_width_must_be_the_datas() -> None:
    with pytest.raises(StudyError, match=r"first.*visible.*64.*63"):
        plan(study(first(visible=63)), SOURCE)


def test_widening_a_grid_adds_the_trials_of_the_new_value_and_what_stands_on_them() -> None:
    before = keys(study(first(), second()))
    after = plan(study(first([*LEVELS, 0.5]), second()), SOURCE)
    added = [t for t in after.trials() if t.key not in before]
    assert before < {t.key for t in after.trials()}
    assert len(added) == 2 + 4
    for trial in added:
        assert 0.5 in (*trial.swept.values(), *trial.inherited.values())


def test_more_seeds_add_their_own_trials_and_nothing_else() -> None:
    before, after = (
        keys(study(first(), second())),
        plan(study(first(), second(), seeds=(0, 1, 5)), SOURCE),
    )
    assert before < {t.key for t in after.trials()}
    assert {t.seed for t in after.trials() if t.key not in before} == {5}


def test_a_further_stage_adds_its_own_trials_and_nothing_else() -> None:
    before = keys(study(first(), second()))
    third = Stage(name="third", model="fine_tune", epochs=2)
    after = plan(study(first(), second(), third), SOURCE)
    assert before < {t.key for t in after.trials()}
    assert {t.stage for t in after.trials() if t.key not in before} == {"third"}


def test_a_promotion_search_budget_or_rule_changes_no_key_of_what_both_train() -> None:
    before = keys(study(first(), second()))
    kept = study(first(keep={"best": 2}), second(), budget={"trials": 3})
    metrics = {
        t.key: {"validation/reconstruction_error": _error(t)} for t in plan(kept, SOURCE).trials()
    }
    assert {t.key for t in plan(kept, SOURCE, metrics).trials()} < before
    assert keys(study(first(stop={"median": {}}), second())) < before
    searched = study(first(search={"trials": 6, "sampler": "random"}), second())
    assert keys(searched) <= before


def test_a_wider_search_or_promotion_trains_only_the_difference() -> None:
    narrow, wide = (study(first(keep={"best": n}), second()) for n in (1, 2))
    roots = {
        t.key: {"validation/reconstruction_error": _error(t)} for t in plan(narrow, SOURCE).trials()
    }
    few, more = ({t.key for t in plan(made, SOURCE, roots).trials()} for made in (narrow, wide))
    assert few < more
    assert len(more - few) == 4


def test_further_seeds_go_to_the_settings_that_may_be_the_best() -> None:
    made = study(
        first([0.0, 0.1, 0.9]),
        second(keep={"best": 1}),
        seeds={"until": "1%", "max": 6, "start": 3},
    )
    noise = {0: 0.1, 1: -0.1, 2: 0.0, 3: 0.1, 4: -0.1, 5: 0.0}

    def error(trial: Trial) -> float:
        level = trial.swept.get("corruption.level", trial.inherited.get("first.corruption.level"))
        # The two low levels cannot be told apart; the high one is clearly worse.
        return (
            1.0
            + (level == 0.9) * 5
            + (level == 0.1) * noise[(trial.seed + 1) % 6]
            + noise[trial.seed]
        )

    tree, finished, added = Tree(made, SOURCE), {}, []
    while True:
        grown = tree.grown(finished)
        fresh = [t for t in grown.trials() if t.key not in finished]
        if not fresh:
            break
        added.append(fresh)
        finished |= {t.key: {"validation/reconstruction_error": error(t)} for t in fresh}
    assert {t.seed for t in added[0]} == {0, 1, 2}
    later = [t for fresh in added[1:] for t in fresh]
    assert later
    assert {t.seed for t in later} <= {3, 4, 5}
    assert 0.9 not in {*(t.swept.get("corruption.level") for t in later)}
    assert 0.9 not in {*(t.inherited.get("first.corruption.level") for t in later)}
    # Whole stacks, parents first, with the keys that a study of that seed has.
    assert {t.stage for t in later} == {"first", "second"}
    assert {t.key for t in later} <= keys(study(first([0.0, 0.1]), second(), seeds=(3, 4, 5)))
    again = plan(made, SOURCE, finished)
    assert {t.key for t in again.trials()} == {t.key for t in grown.trials()}
    assert again.expected == len(list(again.trials()))
    assert again.key == plan(made, SOURCE).key


def test_the_key_of_a_plan_does_not_change_with_what_is_known() -> None:
    made = study(
        first(keep={"best": 2}, search={"trials": 6, "at_once": 2, "sampler": "random"}), second()
    )
    roots = {
        t.key: {"validation/reconstruction_error": _error(t)} for t in plan(made, SOURCE).trials()
    }
    assert plan(made, SOURCE, roots).decided
    assert plan(made, SOURCE, roots).key == plan(made, SOURCE).key
    other = study(first(keep={"best": 1}), second())
    assert plan(other, SOURCE).key != plan(made, SOURCE).key


def test_ten_thousand_trials_are_planned_in_seconds() -> None:
    made = study(first([i / 1000 for i in range(1, 34)]), second(), *deeper(50), seeds=(0, 1, 2))
    started = time.process_time()
    grown = plan(made, SOURCE)
    assert grown.expected == len(list(grown.trials())) > 10_000
    assert time.process_time() - started < 5


def deeper(settings: int) -> list[Stage]:
    rates = {"grid": [(i + 1) / 100 for i in range(settings)]}
    return [Stage(name="third", model="autoencoder", hidden=4, learning_rate=rates)]


def test_the_ends_of_a_search_are_tried_before_anything_starts() -> None:
    made = study(first(search={"trials": 6}), second())
    found = sketch(made, SOURCE)
    assert [t.swept for t in found["first"]] == [{"corruption.level": level} for level in LEVELS]
    assert {t.parents for t in found["second"]} == {(found["first"][0].key,)}


def _error(trial: Trial) -> float:
    level = {0.0: 0.5, 0.1: 0.4, 0.3: 0.9}[trial.swept["corruption.level"]]
    return level + 0.2 * trial.seed
