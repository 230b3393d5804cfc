"""The tree as it unfolds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerwise.platform.plan import Source
from layerwise.platform.plan.schedule import Ledger, LedgerForReading, Schedule
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
ERROR = "validation/reconstruction_error"


def study(**first: object) -> Study:
    stages = [
        Stage(name="first", model="autoencoder", hidden=16,
              learning_rate={"grid": [0.01, 0.02, 0.03]}, **first),
        Stage(name="second", model="autoencoder", hidden=4, learning_rate={"grid": [0.01, 0.02]}),
    ]  # fmt: skip
    return Study(study="s", data="digits", seeds=[0, 1], stages=stages)


def schedule(
    made: Study, path: Path, width: int = 2, stored: Mapping[str, Mapping[str, float]] | None = None
) -> Schedule:
    families = dict.fromkeys(stored or {}, "earlier")
    return Schedule(made, SOURCE, stored or {}, families, lambda m: width, Ledger(path))


def train_everything(made: Schedule) -> list[list[str]]:
    order = []
    while (cohort := made.next()) is not None:
        order.append([trial.key for trial in cohort.trials])
        made.finish(cohort, {t.key: {ERROR: t.settings["learning_rate"]} for t in cohort.trials})
    assert made.done
    return order


def test_children_are_released_when_their_own_parents_are_done(tmp_path: Path) -> None:
    made = schedule(study(), tmp_path / "ledger")
    assert len(made.waiting) == 3
    cohort = made.next()
    assert cohort is not None
    made.finish(cohort, {t.key: {ERROR: 1.0} for t in cohort.trials})
    released = [c for c in made.waiting if c.stage == "second"]
    assert released
    assert {p for c in released for p in c.parents} == {t.key for t in cohort.trials}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(width=st.integers(1, 7), order=st.randoms())
def test_any_order_of_finishing_trains_each_trial_once_after_its_parents(
    tmp_path: Path, width: int, order: object
) -> None:
    made = schedule(study(), tmp_path / f"{width}-{id(order)}", width)
    done: set[str] = set()
    while not made.done:
        running = []
        while (cohort := made.next()) is not None:
            assert set(cohort.parents) <= done
            running.append(cohort)
        order.shuffle(running)  # type: ignore[attr-defined]
        for cohort in running:
            keys = {trial.key for trial in cohort.trials}
            assert not keys & done
            done |= keys
            made.finish(cohort, {key: {ERROR: 1.0} for key in keys})
    assert done == {trial.key for trial in made.plan.trials()}
    assert len(done) == 6 + 12


def test_a_promotion_is_decided_when_the_last_of_its_stage_is_done(tmp_path: Path) -> None:
    made = schedule(study(keep={"best": 1}), tmp_path / "ledger")
    order = train_everything(made)
    assert sum(map(len, order)) == 6 + 4
    second = [t for t in made.plan.trials() if t.stage == "second"]
    assert {t.inherited["first.learning_rate"] for t in second} == {0.01}


def test_what_stands_on_a_diverged_or_failed_trial_is_skipped_with_the_cause(
    tmp_path: Path,
) -> None:
    made = schedule(study(), tmp_path / "ledger", width=3)
    lost, failed = made.next(), made.next()
    assert lost is not None
    assert failed is not None
    made.finish(lost, {t.key: {} if t is lost.trials[0] else {ERROR: 1.0} for t in lost.trials})
    made.fail(failed, "its worker was lost")
    while (cohort := made.next()) is not None:
        made.finish(cohort, {t.key: {ERROR: 1.0} for t in cohort.trials})
    assert made.done
    assert len(made.skipped) == 2 + 6
    causes = list(made.skipped.values())
    assert sum("diverged" in cause for cause in causes) == 2
    assert sum("its worker was lost" in cause for cause in causes) == 6


def test_an_interrupted_study_goes_on_with_the_same_cohorts(tmp_path: Path) -> None:
    undisturbed = train_everything(schedule(study(), tmp_path / "one", width=4))
    path = tmp_path / "two"
    first = schedule(study(), path, width=4)
    cohort = first.next()
    assert cohort is not None
    stored = {t.key: {ERROR: t.settings["learning_rate"]} for t in cohort.trials}
    # Another machine state would now cut the rest differently; the ledger says how it was cut.
    resumed = train_everything(schedule(study(), path, width=1, stored=stored))
    assert [keys for keys in undisturbed if len(keys) > 1][1] in resumed


def test_a_preview_writes_nothing_and_shows_every_cohort(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    made = Schedule(study(), SOURCE, {}, {}, lambda m: 100, LedgerForReading(path))
    assert not path.exists()
    assert sum(len(cohort.trials) for cohort in made.cohorts()) == 6 + 12


def test_a_running_cohort_is_divided_and_its_parts_finish_on_their_own(tmp_path: Path) -> None:
    made = schedule(study(), tmp_path / "ledger", width=6)
    cohort = made.next()
    assert cohort is not None
    here, there = made.divide(cohort, (cohort.trials[:2], (), cohort.trials[2:]))
    assert set(made.running) == {here.name, there.name}
    made.finish(here, {t.key: {ERROR: 1.0} for t in here.trials})
    assert not made.done
    assert {p for c in made.waiting for p in c.parents} == {t.key for t in here.trials}
    made.finish(there, {t.key: {ERROR: 1.0} for t in there.trials})
    train_everything(made)
    assert len(made.finished) == 6 + 12


def test_a_damaged_ledger_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text('{"not": "a list"')
    assert Ledger(path).read() == []
    assert sum(map(len, train_everything(schedule(study(), path)))) == 18


def test_everything_stored_means_nothing_to_do(tmp_path: Path) -> None:
    made = schedule(study(), tmp_path / "ledger")
    train_everything(made)
    again = schedule(study(), tmp_path / "other", stored=made.finished)
    assert again.done
    assert again.next() is None


def test_a_search_goes_on_under_one_parent_while_others_wait(tmp_path: Path) -> None:
    stages = [
        Stage(name="first", model="autoencoder", hidden=16, learning_rate={"grid": [0.01, 0.02]}),
        Stage(name="second", model="autoencoder", hidden=4,
              learning_rate={"log_uniform": [1e-4, 0.1]}, search={"trials": 12, "at_once": 3}),
    ]  # fmt: skip
    made = schedule(Study(study="s", data="digits", stages=stages), tmp_path / "ledger", width=1)
    fast, slow = made.next(), made.next()
    assert fast is not None
    assert slow is not None
    made.finish(fast, {t.key: {ERROR: 1.0} for t in fast.trials})
    trained = []
    while (cohort := made.next()) is not None:
        trained += cohort.trials
        made.finish(cohort, {t.key: {ERROR: t.settings["learning_rate"]} for t in cohort.trials})
    assert len(trained) == 12
    assert {t.parents for t in trained} == {(t.key,) for t in fast.trials}
    assert list(made.running.values()) == [slow]
    made.finish(slow, {t.key: {ERROR: 1.0} for t in slow.trials})
    train_everything(made)
    assert made.plan.decided
    assert {t.key for t in made.plan.trials()} == set(made.finished)
    assert len(made.finished) == 2 * (1 + 12)


def test_an_interrupted_search_goes_on_where_it_was(tmp_path: Path) -> None:
    codes = Stage(name="codes", model="autoencoder", hidden=4,
                  learning_rate={"log_uniform": [1e-4, 0.1]}, search={"trials": 16})  # fmt: skip
    searched = Study(study="s", data="digits", seeds=[0, 1], stages=[codes])
    undisturbed = train_everything(schedule(searched, tmp_path / "one", width=8))
    first = schedule(searched, tmp_path / "two", width=8)
    for _ in range(2):
        cohort = first.next()
        assert cohort is not None
        metrics = {t.key: {ERROR: t.settings["learning_rate"]} for t in cohort.trials}
        first.finish(cohort, metrics)
    again = schedule(searched, tmp_path / "two", width=8, stored=first.finished)
    assert train_everything(again) == undisturbed[2:]


def test_a_cohort_is_halved_until_single_trials_are_left(tmp_path: Path) -> None:
    made = schedule(study(), tmp_path / "ledger", width=6)
    whole = made.next()
    assert whole is not None
    assert len(whole.trials) == 6
    assert made.halve(whole)
    assert not made.running
    assert [len(cohort.trials) for cohort in made.waiting] == [2, 4]
    for size in (2, 1):
        part = made.next()
        assert part is not None
        assert len(part.trials) == size
        assert made.halve(part) == (size > 1)
    assert [len(c.trials) for c in made.running.values()] == [1]
    [single] = made.running.values()
    made.fail(single, "it does not fit")
    train_everything(made)
    assert len(made.failed) == 1
    assert len(made.skipped) == 2
    assert len(made.finished) == 18 - 3
    # After an interruption it is halves that are trained again, not the whole.
    again = schedule(study(), tmp_path / "ledger", width=6)
    assert [len(cohort.trials) for cohort in again.waiting] == [4, 1, 1]


def test_a_budget_of_trials_is_spent_on_whole_settings_and_only_once(tmp_path: Path) -> None:
    limited = Study(
        **{**study().mapping(), "study": "s", "budget": {"trials": 11}}  # type: ignore[arg-type]
    )
    made = schedule(limited, tmp_path / "ledger")
    train_everything(made)
    # Three settings of two seeds below, two on top: the twelfth trial would be half a setting.
    assert len(made.finished) == 10
    assert len(made.unspent) == 18 - 10
    assert set(made.unspent.values()) == {"the budget of 11 trials is spent"}
    settings: dict[str, int] = {}
    for trial in made.plan.trials():
        if trial.key in made.finished:
            settings[trial.setting] = settings.get(trial.setting, 0) + 1
    assert set(settings.values()) == {2}
    again = schedule(limited, tmp_path / "other", stored=made.finished)
    assert again.done
    assert len(again.unspent) == 8


def test_when_the_minutes_are_over_what_runs_ends_and_nothing_more_starts(tmp_path: Path) -> None:
    now = [0.0]
    limited = Study(**{**study().mapping(), "budget": {"minutes": 1}})  # type: ignore[arg-type]
    ledger = Ledger(tmp_path / "ledger")
    made = Schedule(limited, SOURCE, {}, {}, lambda m: 2, ledger, clock=lambda: now[0])
    running = made.next()
    assert running is not None
    now[0] = 61.0
    assert made.next() is None
    made.finish(running, {t.key: {ERROR: 1.0} for t in running.trials})
    assert made.next() is None
    assert made.done
    assert len(made.finished) == 2
    assert len(made.unspent) == 16
    assert set(made.unspent.values()) == {"the budget of 1 minutes is spent"}


def test_a_dropped_setting_has_no_children(tmp_path: Path) -> None:
    made = schedule(study(stop={"halving": {"from": 2}}), tmp_path / "ledger", width=4)
    # Whole settings train together where they are compared.
    assert [len(cohort.trials) for cohort in made.waiting] == [2, 4]
    while (cohort := made.next()) is not None:
        made.finish(
            cohort,
            {
                t.key: {ERROR: 1.0, "stopped_at": 2.0}
                if t.stage == "first" and t.settings["learning_rate"] > 0.01
                else {ERROR: 1.0}
                for t in cohort.trials
            },
        )
    assert made.done
    assert made.plan.decided
    assert not made.skipped
    assert len(made.finished) == 6 + 4
