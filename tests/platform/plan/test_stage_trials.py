from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pretended import SOURCE, of, stage, study

from layerwise.platform.plan import Trial, plan
from layerwise.platform.plan.stage_trials import Determined, StageTrials
from layerwise.platform.plan.trial import digest
from layerwise.platform.study import Stage

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = plain | st.text(max_size=5) | st.lists(st.integers(), max_size=3)
names = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=9)


@given(
    determined=st.dictionaries(
        names.filter(lambda name: name not in ("parents", "seed")),
        values | st.dictionaries(names, values, max_size=3),
        max_size=7,
    ),
    parents=st.lists(st.text(max_size=4), max_size=3),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_key_is_the_digest_of_all_that_determines(
    determined: dict[str, Any], parents: list[str], seed: int
) -> None:
    made = Determined(determined)
    assert made.key(parents, seed) == digest(determined | {"parents": parents, "seed": seed})
    assert made.key(parents) == digest(determined | {"parents": parents})


def stopped(**stop: Any) -> list[Trial]:
    return list(plan(study(stage("codes", stop=stop or None)), SOURCE).trials())


def test_a_plateau_is_part_of_the_key_and_rules_that_compare_are_not() -> None:
    base, halved = stopped(), stopped(halving={"from": 2})
    short, long = stopped(plateau={"patience": 3}), stopped(plateau={"patience": 9})
    assert [t.key for t in base] == [t.key for t in halved]
    assert len({trials[0].key for trials in (base, short, long)}) == 3
    assert len({trials[0].setting for trials in (base, short, long)}) == 3
    both = stopped(plateau={"patience": 3}, median={})
    assert [t.key for t in both] == [t.key for t in short]
    assert both[0].stop == {
        "median": {"by": "validation/reconstruction_error", "direction": "minimize", "from": 5},
        "plateau": {"by": "validation/reconstruction_error", "direction": "minimize",
                    "patience": 3, "tolerance": 0.01},
    }  # fmt: skip


def test_points_that_come_later_go_on_where_the_first_ones_end() -> None:
    made = study(stage("codes", 4))
    trials = StageTrials(made, made.stages[0], 0, SOURCE)
    first = trials.under([], trials.points[:2])
    both = trials.under([], trials.points)
    assert [group is other for group, other in zip(first, both[:2], strict=True)] == [True, True]
    assert [t.key for group in both for t in group.trials[:1]] == [
        t.key for t in plan(made, SOURCE).trials() if t.seed == 0
    ]


def test_a_trial_with_another_seed_is_the_one_that_a_study_of_that_seed_has() -> None:
    stages = (
        stage("first", 2),
        stage("second", 2, hidden=4),
        Stage(name="tuned", model="fine_tune", epochs=2),
    )
    base, other = plan(study(*stages), SOURCE), plan(study(*stages, seeds=(7,)), SOURCE)
    made = study(*stages)
    again: dict[str, Trial] = {}
    for depth, one in enumerate(made.stages):
        trials = StageTrials(made, one, depth, SOURCE)
        for trial in of(base, one.name):
            if trial.seed == 0:
                parents = [again[key] for key in trial.parents]
                again[trial.key] = trials.reseeded(trial, 7, parents)
    assert list(again.values()) == list(other.trials())
    assert [t.stack for t in again.values()] == [t.stack for t in other.trials()]
