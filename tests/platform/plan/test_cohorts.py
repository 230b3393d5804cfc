"""Which trials train together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.cohorts import Cohort, form, halves, remembered
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)


def trials(**settings: object) -> list[Trial]:
    stage = Stage(name="codes", model="autoencoder", **settings)
    return list(
        plan(Study(study="c", data="digits", seeds=[0, 1, 2], stages=[stage]), SOURCE).trials()
    )


def test_numbers_fuse_and_structures_split() -> None:
    made = trials(hidden={"grid": [8, 16]}, learning_rate={"grid": [0.01, 0.02]})
    cohorts = form(made, lambda members: 100)
    assert [len(cohort.trials) for cohort in cohorts] == [6, 6]
    for cohort in cohorts:
        assert len({trial.settings["hidden"] for trial in cohort.trials}) == 1
        assert len({trial.settings["learning_rate"] for trial in cohort.trials}) == 2


def test_neighbours_share_their_seed() -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02, 0.03, 0.04]})
    cohorts = form(made, lambda members: 4)
    assert [{trial.seed for trial in cohort.trials} for cohort in cohorts] == [{0}, {1}, {2}]


@given(width=st.integers(1, 40), order=st.randoms())
def test_every_trial_is_in_exactly_one_cohort_whatever_the_order(width: int, order: object) -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02, 0.03, 0.04, 0.05]})
    expected = form(made, lambda members: width)
    shuffled = list(made)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    cohorts = form(shuffled, lambda members: width)
    assert sorted(t.key for c in cohorts for t in c.trials) == sorted(t.key for t in made)
    sizes = [len(cohort.trials) for cohort in cohorts]
    assert max(sizes) <= width
    assert max(sizes) - min(sizes) <= 1
    assert len(cohorts) == len(expected)


def test_children_of_one_cohort_do_not_wait_for_another() -> None:
    above = Stage(name="above", model="autoencoder", hidden=16)
    below = Stage(name="below", model="autoencoder", hidden=4, learning_rate={"grid": [0.1, 0.2]})
    made = plan(Study(study="c", data="digits", seeds=[0, 1], stages=[above, below]), SOURCE)
    parents = [t for t in made.trials() if t.stage == "above"]
    children = [t for t in made.trials() if t.stage == "below"]
    apart = form(children, lambda m: 100, {parents[0].key: "a", parents[1].key: "b"})
    together = form(children, lambda m: 100, {parents[0].key: "a", parents[1].key: "a"})
    assert [len(cohort.trials) for cohort in apart] == [2, 2]
    assert [len(cohort.trials) for cohort in together] == [4]


def test_a_remembered_cohort_is_used_only_while_it_is_whole() -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02]})
    keys = [trial.key for trial in made]
    assert [len(c.trials) for c in remembered(made, [keys[:3], keys[3:]])] == [3, 3]
    assert [len(c.trials) for c in remembered(made[1:], [keys[:3], keys[3:]])] == [3]
    # Cut twice, by two executions at once: no trial is in two cohorts.
    assert [len(c.trials) for c in remembered(made, [keys[:3], keys[2:], keys[3:]])] == [3, 3]
    assert remembered(made, [[]]) == []


def test_a_name_is_its_members() -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02]})
    names = {cohort.name for cohort in form(made, lambda members: 2)}
    assert len(names) == 3
    assert names == {cohort.name for cohort in form(reversed(made), lambda members: 2)}


def test_what_was_cut_last_counts() -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02]})
    keys = [trial.key for trial in made]
    earlier = [keys[:4], keys[4:], keys[:2], keys[2:4]]
    found = remembered(made, earlier)
    assert [[t.key for t in cohort.trials] for cohort in found] == [keys[4:], keys[:2], keys[2:4]]


@given(width=st.integers(1, 20), rates=st.integers(1, 7))
def test_settings_that_are_compared_keep_their_seeds_together(width: int, rates: int) -> None:
    grid = [(place + 1) / 100 for place in range(rates)]
    made = trials(learning_rate={"grid": grid}, stop={"halving": {"from": 2}})
    cohorts = form(made, lambda members: width)
    assert sorted(t.key for c in cohorts for t in c.trials) == sorted(t.key for t in made)
    for cohort in cohorts:
        assert len(cohort.trials) == 3 * len({trial.setting for trial in cohort.trials})
        assert len(cohort.trials) <= max(3, width)
        assert list(cohort.trials) == sorted(cohort.trials, key=lambda t: (t.seed, t.key))


def test_halves_hold_whole_settings_where_there_are_several() -> None:
    made = trials(learning_rate={"grid": [0.01, 0.02, 0.03]})
    [cohort] = form(made, lambda members: 100)
    few, more = halves(cohort.trials)
    assert (len(few), len(more)) == (3, 6)
    assert {t.key for t in (*few, *more)} == {t.key for t in made}
    assert not {t.setting for t in few} & {t.setting for t in more}
    one, two = halves(few)
    assert (len(one), len(two)) == (1, 2)
    assert Cohort(one).name != Cohort(two).name
