"""Schedules that can be worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.plan.simulation import Task, replay


def test_equal_tasks_on_two_workers() -> None:
    # Each worker: 1 s to start, then two times 0.5 + 10 s.
    found = replay([Task(10.0)] * 4, workers=2, worker_start=1.0, task_start=0.5)
    assert found.makespan == pytest.approx(22.0)
    assert found.busy == pytest.approx(40.0)
    assert found.idle == pytest.approx(1 - 40 / 44)
    assert (found.tasks, found.started) == (4, 2)


def test_a_chain_uses_one_worker_however_many_there_are() -> None:
    tasks = [Task(5.0), Task(3.0, (0,)), Task(2.0, (1,))]
    found = replay(tasks, workers=4, worker_start=1.0, task_start=0.0)
    assert (found.makespan, found.started) == (11.0, 1)
    assert found.idle == pytest.approx(1 - 10 / 44)


def test_a_child_starts_while_its_cousins_still_wait() -> None:
    # Two parents of 4 and 6 s, a child of 3 s on each: 4 + 3 beside 6 + 3.
    tasks = [Task(4.0), Task(6.0), Task(3.0, (0,)), Task(3.0, (1,))]
    assert replay(tasks, workers=2, worker_start=0.0, task_start=0.0).makespan == 9.0
    # Behind a gate both wait for the slower parent, and a third child joins them.
    gated = [
        *(Task(4.0), Task(6.0), Task(0.0, (0, 1), gate=True)),
        *(Task(3.0, (2,)), Task(3.0, (2,)), Task(3.0, (2,))),
    ]
    found = replay(gated, workers=2, worker_start=0.0, task_start=0.0)
    assert (found.makespan, found.tasks) == (12.0, 5)


def test_what_became_ready_first_is_taken_first() -> None:
    # One worker: 1, then 9 (ready from the start), then the child of 1.
    tasks = [Task(1.0), Task(9.0), Task(2.0, (0,)), Task(4.0, (2,))]
    found = replay(tasks, workers=1, worker_start=0.0, task_start=0.0)
    assert found.makespan == 16.0
    # Two workers: 1 + 2 + 4 beside 9.
    assert replay(tasks, workers=2, worker_start=0.0, task_start=0.0).makespan == 9.0


def test_gates_may_follow_gates() -> None:
    tasks = [Task(1.0), Task(0.0, (0,), gate=True), Task(0.0, (1,), gate=True), Task(1.0, (2,))]
    assert replay(tasks, workers=1, worker_start=0.0, task_start=0.0).makespan == 2.0


def test_nothing_to_do_takes_no_time() -> None:
    found = replay([], workers=3)
    assert (found.makespan, found.idle, found.started) == (0.0, 0.0, 0)


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(ValueError, match="there must be a worker"):
        replay([Task(1.0)], workers=0)
    with pytest.raises(ValueError, match="2 tasks wait for one another"):
        replay([Task(1.0), Task(1.0, (2,)), Task(1.0, (1,))], workers=1)


@given(
    seconds=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=30),
    workers=st.integers(1, 8),
    links=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40),
)
def test_bounds_of_every_list_schedule(
    seconds: list[float], workers: int, links: list[tuple[int, int]]
) -> None:
    count = len(seconds)
    after: dict[int, set[int]] = {number: set() for number in range(count)}
    for one, other in links:
        if one % count < other % count:
            after[other % count].add(one % count)
    tasks = [Task(s, tuple(after[number])) for number, s in enumerate(seconds)]
    path: list[float] = []
    for number, task in enumerate(tasks):
        path.append(seconds[number] + max((path[before] for before in task.after), default=0.0))
    found = replay(tasks, workers, worker_start=0.0, task_start=0.0)
    # Graham 1966: at most the critical path and an even share of the rest.
    least = max(max(path), sum(seconds) / workers)
    most = sum(seconds) / workers + max(path) * (1 - 1 / workers)
    assert least - 1e-6 <= found.makespan <= most + 1e-6
    assert -1e-9 <= found.idle <= 1
