"""Two drivers on one store: each trial is one's, the other awaits it, and takes over what is left.

Two schedules in one process, each with leases of its own; what trains is the real thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from without_ray import TWO_LAYERS, finish, schedule

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution import claims as claiming
from layerwise.platform.execution.claims import Claims, Manifest
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.plan.trial import Metrics, Trial
from layerwise.platform.store import Store
from layerwise.platform.store.leases import Leases
from layerwise.platform.study import Study


def with_levels(*levels: float) -> Study:
    """Two layers, with these levels of corruption in the first."""
    first, second = TWO_LAYERS["stages"]
    grid = {"kind": "gaussian", "level": {"grid": list(levels)}}
    return Study(**{**TWO_LAYERS, "stages": [{**first, "corruption": grid}, second]})


class Driver:
    """A study's schedule, its claims on a store, and what it was told."""

    def __init__(self, study: Study, data: DataSet, root: Path, leases: Leases, width: int) -> None:
        self.data = data
        self.store = Store(root)
        self.schedule = schedule(study, data, width)
        self.leases = leases
        self.claims = Claims(self.schedule, leases, self.look, self.arrived, self.awaited)
        self.trained: list[str] = []
        self.taken: list[str] = []
        self.waited_for: list[str] = []

    def look(self, trial: Trial) -> Manifest | None:
        return self.store.manifest(trial.key) if trial.key in self.store else None

    def arrived(self, cohort: Cohort, found: Mapping[str, Manifest]) -> Mapping[str, Metrics]:
        assert {trial.key for trial in cohort.trials} == set(found)
        self.taken += found
        return {key: last_metrics(manifest) for key, manifest in found.items()}

    def awaited(self, cohort: Cohort) -> None:
        self.waited_for += [trial.key for trial in cohort.trials]

    def train(self, cohort: Cohort) -> None:
        """Train a cohort that was handed out, and give it back."""
        finish(cohort, self.data, self.store)
        keys = [trial.key for trial in cohort.trials]
        self.trained += keys
        metrics = {key: last_metrics(self.store.manifest(key)) for key in keys}
        self.schedule.finish(cohort, metrics)
        self.claims.release(cohort)


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "POLL_SECONDS", 0.0)


@pytest.fixture
def leases(tmp_path: Path) -> Iterator[tuple[Leases, Leases]]:
    """Of two drivers."""
    with ExitStack() as stack:
        yield stack.enter_context(Leases(tmp_path)), stack.enter_context(Leases(tmp_path))


def keys(cohort: Cohort | None) -> set[str]:
    """Of the cohort's trials; none of no cohort."""
    return set() if cohort is None else {trial.key for trial in cohort.trials}


def finish_both(one: Driver, two: Driver) -> None:
    """Turn by turn until both are done."""
    for _ in range(200):
        for driver in (one, two):
            if (cohort := driver.claims.next()) is not None:
                driver.train(cohort)
        if one.schedule.done and two.schedule.done:
            return
    raise AssertionError("they wait for each other")


@pytest.mark.parametrize("width", [1, 3, 64])
def test_two_studies_train_what_they_share_once(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases], width: int
) -> None:
    one = Driver(with_levels(0.0, 0.2), data, tmp_path, leases[0], width)
    two = Driver(with_levels(0.2, 0.4), data, tmp_path, leases[1], 64)
    finish_both(one, two)
    assert not set(one.trained) & set(two.trained)
    assert len(one.trained) + len(two.trained) == len(one.store.keys()) == 3 * (2 + 4)
    for driver in (one, two):
        wanted = {trial.key for trial in driver.schedule.plan.trials()}
        assert set(driver.trained) | set(driver.taken) == wanted
        assert len(driver.trained) + len(driver.taken) == len(wanted)
    assert Leases(tmp_path).holders() == {}


def test_while_one_trains_the_other_goes_on_with_the_rest(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    one = Driver(with_levels(0.0, 0.2), data, tmp_path, leases[0], 64)
    two = Driver(with_levels(0.2, 0.4), data, tmp_path, leases[1], 64)
    theirs = one.claims.next()
    assert theirs is not None
    mine = two.claims.next()
    assert mine is not None
    assert len(theirs.trials) == 4
    assert len(mine.trials) == 2
    shared = keys(theirs) & {trial.key for trial in two.schedule.plan.trials()}
    assert set(two.waited_for) == keys(two.claims.awaiting[0]) == shared
    # Nothing more of it is to be had, and its own part leads on to its own second layer.
    assert two.claims.next() is None
    two.train(mine)
    second = two.claims.next()
    assert second is not None
    assert second.stage == "second"
    assert set(second.parents) == keys(mine)
    one.train(theirs)
    third = two.claims.next()
    assert third is not None
    assert set(third.parents) == set(two.taken) == shared
    assert set(two.waited_for) == shared


def test_the_same_study_started_twice_shares_its_cohorts(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    one, two = (Driver(with_levels(0.0, 0.2), data, tmp_path, held, 2) for held in leases)
    first, other = one.claims.next(), two.claims.next()
    assert first is not None
    assert other is not None
    assert not keys(first) & keys(other)
    one.train(first)
    two.train(other)
    finish_both(one, two)
    assert sorted(one.trained + two.trained) == sorted(one.store.keys())
    assert one.taken
    assert two.taken


def test_what_another_driver_gave_up_is_taken_over(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    one = Driver(with_levels(0.0, 0.2), data, tmp_path, leases[0], 64)
    two = Driver(with_levels(0.2, 0.4), data, tmp_path, leases[1], 64)
    theirs, mine = one.claims.next(), two.claims.next()
    assert theirs is not None
    assert mine is not None
    one.claims.release(theirs)  # it failed there
    over = two.claims.next()
    assert over is not None
    assert keys(over) == keys(theirs) & {t.key for t in two.schedule.plan.trials()}
    assert two.claims.awaiting == ()
    two.train(over)
    two.train(mine)
    assert not two.taken


def test_what_was_stored_since_the_study_was_read_is_not_trained_again(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    two = Driver(with_levels(0.2, 0.4), data, tmp_path, leases[1], 64)
    one = Driver(with_levels(0.0, 0.2), data, tmp_path, leases[0], 64)
    while (cohort := one.claims.next()) is not None:
        one.train(cohort)
    ended = {key: one.store.manifest(key)["ended"] for key in one.trained}
    while (cohort := two.claims.next()) is not None:
        two.train(cohort)
    assert two.schedule.done
    assert not two.waited_for
    assert len(two.taken) == len(two.trained) == 2 + 4
    assert {key: two.store.manifest(key)["ended"] for key in ended} == ended


def test_a_driver_whose_lease_was_lost_stores_nothing_over_anybody(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    one, two = (Driver(with_levels(0.0, 0.2), data, tmp_path, held, 64) for held in leases)
    cohort = one.claims.next()
    assert cohort is not None
    for key in keys(cohort):  # as if it had hung, and been taken over
        held = tmp_path / "leases" / "held"
        (held / f"{key}.2").hardlink_to(tmp_path / "leases" / "drivers" / leases[1].name)
        (held / f"{key}.1").unlink()
    taken = two.claims.next()
    assert keys(taken) == keys(cohort)
    assert taken is not None
    two.train(taken)
    stored = {key: two.store.manifest(key) for key in keys(cohort)}
    assert leases[0].lost() == keys(cohort)
    # Nobody looks for that while the driver's heart beats; on waking it would find out.
    assert not one.claims.lost(cohort)
    leases[0]._overslept = True
    assert one.claims.lost(cohort)
    one.train(cohort)
    assert {key: one.store.manifest(key) for key in keys(cohort)} == stored
    finish_both(one, two)


def test_who_finds_its_cohort_taken_over_awaits_it_instead(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    one, two = (Driver(with_levels(0.0, 0.2), data, tmp_path, held, 64) for held in leases)
    cohort = one.claims.next()
    assert cohort is not None
    held = tmp_path / "leases" / "held"
    for trial in cohort.trials[:2]:
        (held / f"{trial.key}.2").hardlink_to(tmp_path / "leases" / "drivers" / leases[1].name)
        (held / f"{trial.key}.1").unlink()
    left = one.claims.again(cohort)
    assert left is not None
    assert left.trials == cohort.trials[2:]
    [awaited] = one.claims.awaiting
    assert awaited.trials == cohort.trials[:2]
    theirs = two.claims.next()
    assert keys(theirs) == keys(awaited)
    assert theirs is not None
    two.train(theirs)
    one.train(left)
    finish_both(one, two)
    assert keys(awaited) <= set(one.taken)
    assert not set(one.trained) & set(two.trained)


def test_what_a_lost_worker_had_stored_is_not_trained_again(
    data: DataSet, tmp_path: Path, leases: tuple[Leases, Leases]
) -> None:
    driver = Driver(with_levels(0.0), data, tmp_path, leases[0], 8)
    cohort = driver.claims.next()
    assert cohort is not None
    assert driver.claims.again(cohort) == cohort
    # The worker stores, and is killed before it can say so.
    finish(cohort, data, driver.store)
    assert driver.claims.again(cohort) is None
    assert set(driver.taken) == {trial.key for trial in cohort.trials}
    child = driver.claims.next()
    assert child is not None
    assert child.trials[0].stage == "second"
