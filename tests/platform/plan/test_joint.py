"""Joint stages in a plan: what they take from below, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.cohorts import form
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
FIRST = Stage(name="first", model="autoencoder", hidden=32, after=[])
SECOND = Stage(name="second", model="autoencoder", hidden=8, after=["first"])


def tuned(after: str = "second", name: str = "tuned", **rest: Any) -> Stage:
    return Stage(name=name, model="fine_tune", after=[after], **rest)


def trials(*stages: Stage, stage: str = "tuned", seeds: tuple[int, ...] = (0,)) -> list[Trial]:
    made = plan(Study(study="joint", data="digits", seeds=seeds, stages=stages), SOURCE)
    return [trial for trial in made.trials() if trial.stage == stage]


def test_it_reads_the_data_and_has_the_widths_of_the_stack() -> None:
    [trial] = trials(FIRST, SECOND, tuned())
    assert trial.joint
    assert trial.inputs == ()
    assert (trial.visible, trial.depth, len(trial.parents)) == (64, 2, 1)
    assert (trial.settings["layers"], trial.settings["hidden"]) == ((32,), 8)
    assert [below.stage for below in trial.stack] == ["first", "second"]
    assert (trial.written["layers"], trial.written["hidden"]) == ((32,), 8)


def test_widths_that_are_written_and_agree_change_nothing() -> None:
    [without] = trials(FIRST, SECOND, tuned())
    [written] = trials(FIRST, SECOND, tuned(hidden=8, layers=[32]))
    assert written.key == without.key


def test_without_a_stage_below_it_is_a_network_like_others() -> None:
    alone = Stage(name="tuned", model="fine_tune", hidden=5, layers=[9, 7])
    [trial] = trials(alone)
    assert not trial.joint
    assert (trial.settings["layers"], trial.settings["hidden"]) == ((9, 7), 5)


def test_its_key_follows_everything_below() -> None:
    def key(learning_rate: float, epochs: int = 3) -> str:
        below = Stage(
            name="first", model="autoencoder", hidden=32, learning_rate=learning_rate, after=[]
        )
        [trial] = trials(below, SECOND, tuned(epochs=epochs))
        return trial.key

    assert key(0.1) == key(0.1)
    assert len({key(0.1), key(0.2), key(0.1, epochs=4)}) == 3


def test_every_width_below_gives_its_own() -> None:
    below = Stage(name="first", model="autoencoder", hidden={"grid": [32, 16]}, after=[])
    found = trials(below, SECOND, tuned())
    assert {trial.settings["layers"] for trial in found} == {(32,), (16,)}
    assert len(form(found, lambda members: 64)) == 2


def test_trials_train_together_where_the_stacks_are_of_one_structure() -> None:
    numbers = Stage(
        name="first", model="autoencoder", hidden=32, learning_rate={"grid": [0.1, 0.2]}, after=[]
    )
    found = trials(numbers, SECOND, tuned(learning_rate={"grid": [0.01, 0.02]}), seeds=(0, 1))
    assert len(found) == 8
    assert len(form(found, lambda members: 64)) == 1
    # The networks above are alike, but the layers that they unroll are not.
    kinds = Stage(
        name="first",
        model="autoencoder",
        hidden=32,
        activation={"grid": ["sigmoid", "tanh"]},
        after=[],
    )
    assert len(form(trials(kinds, SECOND, tuned()), lambda members: 64)) == 2


def test_a_joint_stage_replaces_all_that_is_below_it() -> None:
    twice = tuned("tuned", "again")
    above = Stage(name="above", model="autoencoder", hidden=3, after=["tuned"])
    [again] = trials(FIRST, SECOND, tuned(), twice, stage="again")
    assert [below.stage for below in again.stack] == ["tuned"]
    assert again.widths == (32, 8)
    [child] = trials(FIRST, SECOND, tuned(), above, stage="above")
    assert (child.visible, child.inputs) == (8, child.parents)
    assert [below.stage for below in child.stack] == ["tuned"]


def test_a_deep_network_below_brings_all_its_layers() -> None:
    deep = Stage(name="first", model="deep_autoencoder", hidden=8, layers=[32, 16], after=[])
    [trial] = trials(deep, tuned("first"))
    assert trial.widths == (32, 16, 8)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"hidden": 9}, "'tuned': hidden", "must be what the stages below make it, 8, but got 9"),
        ({"layers": [31]}, "'tuned': layers", r"make it, \[32\], but got \[31\]. Leave it out"),
        ({"hidden": {"grid": [8, 9]}}, "'tuned': hidden", "but got 9"),
        ({"visible": 8}, "'tuned': visible", "must be the width of its input, 64, but got 8"),
    ],
)
def test_widths_that_disagree_are_refused(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError, match=f"{where}: .*{said}"):
        trials(FIRST, SECOND, tuned(**written))


def test_a_written_width_must_hold_for_every_stack_even_behind_a_promotion() -> None:
    below = Stage(
        name="first",
        model="autoencoder",
        hidden={"grid": [32, 16]},
        keep={"best": 1, "by": "validation/reconstruction_error"},
        after=[],
    )
    with pytest.raises(StudyError, match="make it, 16 or 32, but got 32"):
        trials(below, tuned("first", hidden=32))


def test_it_starts_from_a_chain() -> None:
    other = Stage(name="other", model="autoencoder", hidden=4, after=[])
    both = Stage(name="tuned", model="fine_tune", after=["first", "other"])
    with pytest.raises(StudyError, match=r"'tuned': after: .*a chain of stages.*first"):
        trials(FIRST, other, both)
    joins = Stage(name="joins", model="autoencoder", hidden=4, after=["first", "other"])
    above = Stage(name="above", model="autoencoder", hidden=2, after=["joins"])
    with pytest.raises(StudyError, match=r"'tuned': model: .*'joins' joins several.*after: \[\]"):
        trials(FIRST, other, joins, above, tuned("above"))


def test_widths_that_a_search_may_propose_are_known_before_it_proposes_them() -> None:
    searched = Stage(
        name="first",
        model="autoencoder",
        after=[],
        hidden={"integers": [8, 9]},
        learning_rate={"log_uniform": [0.001, 0.1]},
        search={"trials": 6, "sampler": "random"},
    )
    found = trials(searched, SECOND, tuned())
    assert {trial.settings["layers"] for trial in found} == {(8,), (9,)}
    with pytest.raises(StudyError, match=r"stage 'tuned': layers: .* \[8\] or \[9\]"):
        trials(searched, SECOND, tuned(layers=[10]))


def test_widths_under_a_condition_may_be_the_default_ones() -> None:
    conditional = Stage(
        name="first",
        model="autoencoder",
        after=[],
        tied={"choice": [True, False]},
        hidden={"choice": [8, 9], "when": {"tied": True}},
        search={"trials": 8, "sampler": "random"},
    )
    found = trials(conditional, SECOND, tuned())
    assert {trial.settings["layers"] for trial in found} == {(8,), (9,), (64,)}
