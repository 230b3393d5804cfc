"""The tree of a study: counts, keys, parents, promotions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.errors import StudyError
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.tree import ranking
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


def _error(trial: Trial) -> float:
    level = {0.0: 0.5, 0.1: 0.4, 0.3: 0.9}[trial.swept["corruption.level"]]
    return level + 0.2 * trial.seed
