"""A schedule replayed in imagined time: tasks, what they wait for, and workers that take them.

List scheduling, as a run does it: whatever is ready is taken in the order in which it became ready,
by a worker that is free, else by one that has to start first, as long as there are any. Pure.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from .calibration import COHORT_START, WORKER_START


@dataclass(frozen=True)
class Task:
    """What one worker does in one go.

    ``seconds`` of training; ``after`` are the positions of the tasks that have to end before it; a
    ``gate`` needs no worker and no time, and only gathers what others wait for together.
    """

    seconds: float
    after: tuple[int, ...] = ()
    gate: bool = False


@dataclass(frozen=True)
class Replay:
    """What became of a schedule.

    ``makespan`` and ``busy`` are seconds, from the first worker's start to the last task's end, and
    of training summed over the workers; ``workers`` could have worked, ``started`` did; ``tasks``
    counts those that needed a worker.
    """

    makespan: float
    busy: float
    workers: int
    started: int
    tasks: int

    @property
    def idle(self) -> float:
        """The share of all workers' time, 0 to 1, in which nothing was trained."""
        offered = self.makespan * self.workers
        return 1 - self.busy / offered if offered else 0.0


def replay(
    tasks: Sequence[Task],
    workers: int,
    worker_start: float = WORKER_START,
    task_start: float = COHORT_START,
) -> Replay:
    """Let workers do all tasks.

    Args:
        tasks: what is to be done.
        workers: how many there can be, from 1.
        worker_start: seconds a worker takes before its first task.
        task_start: seconds before each task.

    Raises:
        ValueError: no worker, or tasks that wait for one another in a circle.
    """
    if workers < 1:
        raise ValueError(f"there must be a worker, but got {workers}")
    missing = [len(set(task.after)) for task in tasks]
    behind: list[list[int]] = [[] for _ in tasks]
    for number, task in enumerate(tasks):
        for before in set(task.after):
            behind[before].append(number)
    ready: deque[int] = deque()
    done = 0

    def open_up(number: int) -> None:
        nonlocal done
        released = [number]
        while released:
            if not tasks[(one := released.pop(0))].gate:
                ready.append(one)
                continue
            done += 1
            released += _released(behind[one], missing)

    for number, count in enumerate(missing):
        if not count:
            open_up(number)
    running: list[tuple[float, int]] = []
    clock = busy = 0.0
    idle = started = 0
    while ready or running:
        while ready and (idle or started < workers):
            number = ready.popleft()
            wait = task_start
            if idle:
                idle -= 1
            else:
                started += 1
                wait += worker_start
            heapq.heappush(running, (clock + wait + tasks[number].seconds, number))
            busy += tasks[number].seconds
        clock, number = heapq.heappop(running)
        idle += 1
        done += 1
        for further in _released(behind[number], missing):
            open_up(further)
    if done < len(tasks):
        raise ValueError(f"{len(tasks) - done} tasks wait for one another")
    return Replay(clock, busy, workers, started, sum(not task.gate for task in tasks))


def _released(followers: Sequence[int], missing: list[int]) -> list[int]:
    """Those of the followers of a task that has ended which wait for nothing else."""
    found = []
    for follower in followers:
        missing[follower] -= 1
        if not missing[follower]:
            found.append(follower)
    return found
