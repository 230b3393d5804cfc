"""The tasks of a study, with and without what makes them few, counted and timed by hand."""

from __future__ import annotations

import pytest

from layerwise.platform.plan import Source, Trial
from layerwise.platform.plan.arrangements import Arranging
from layerwise.platform.plan.simulation import replay
from layerwise.platform.plan.unfolding import unfold
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
LEVELS = [0.01, 0.02, 0.03, 0.04]


def stages(count: int, **of_first: object) -> list[Stage]:
    given: dict[str, object] = {"model": "autoencoder", "learning_rate": {"grid": LEVELS}}
    return [
        Stage(name=f"stage{number}", **given, **(of_first if number == 0 else {}))
        for number in range(count)
    ]


def arranging(made: list[Stage], workers: int = 1, seconds: float = 60.0) -> Arranging:
    """Training takes as long whatever the width, so that fusing always pays."""
    study = Study(study="c", data="digits", seeds=[0, 1, 2], stages=made)
    return Arranging(unfold(study, SOURCE, {}), lambda trial, width: seconds, workers)


def test_the_tree_trains_84_of_192() -> None:
    found = arranging(stages(3))
    # 252 of 576, which is 84 of 192.
    assert found.arrange().trainings == 12 + 48 + 192
    assert found.arrange(shared=False).trainings == 3 * 192
    assert found.arrange(fused=False).trainings == 12 + 48 + 192
    assert found.arrange(shared=False, fused=False).trainings == 3 * 192


def test_the_tasks_of_each_arrangement() -> None:
    found = arranging(stages(3))
    # 12, 48 and 192 trials, at most 64 wide.
    assert [task.seconds for task in found.arrange().tasks] == [60.0] * (1 + 1 + 3)
    assert [task.seconds for task in found.arrange(shared=False).tasks] == [180.0] * 3
    assert [task.seconds for task in found.arrange(fused=False).tasks] == [60.0] * 252
    assert [task.seconds for task in found.arrange(shared=False, fused=False).tasks] == (
        [180.0] * 192
    )


def test_makespans_by_hand() -> None:
    found = arranging(stages(2), workers=2)

    def makespan(**how: bool) -> float:
        return replay(found.arrange(**how).tasks, 2, worker_start=0.0, task_start=0.0).makespan

    # 12 trials in one cohort, then 48 in another; the second worker has nothing to do.
    assert makespan() == 120.0
    # 48 stacks of two stages fused, and side by side they would take as long.
    assert makespan(shared=False) == 120.0
    # 12 + 48 trials of a minute on two workers.
    assert makespan(fused=False) == 60.0 * 60 / 2
    # 48 stacks of two minutes.
    assert makespan(shared=False, fused=False) == 48 * 120.0 / 2


def test_behind_a_promotion_everything_waits() -> None:
    kept = {"keep": {"best": 1, "by": "validation/reconstruction_error"}}
    found = arranging(stages(2, **kept), workers=12)
    alone = found.arrange(fused=False)
    # One of four settings is kept: 12 trials, a gate, and 12 more.
    assert (alone.trainings, len(alone.tasks)) == (24, 25)
    run = replay(alone.tasks, 12, worker_start=0.0, task_start=0.0)
    assert (run.makespan, run.idle) == (120.0, 0.0)
    # Every stack again from below, but only when the 12 that compete are known.
    apart = found.arrange(shared=False, fused=False)
    assert apart.trainings == 12 + 2 * 12
    assert replay(apart.tasks, 12, worker_start=0.0, task_start=0.0).makespan == 60.0 + 120.0


def test_a_round_of_a_search_waits_for_the_one_before() -> None:
    searched = Stage(
        name="only",
        model="autoencoder",
        learning_rate={"log_uniform": [0.001, 0.1]},
        search={"sampler": "tpe", "trials": 12, "at_once": 4},
    )
    tasks = arranging([searched], workers=100).arrange(fused=False).tasks
    # Three rounds of four settings with three seeds each, on as many workers as one likes.
    assert replay(tasks, 100, worker_start=0.0, task_start=0.0).makespan == 180.0


def test_halving_shortens_what_it_drops() -> None:
    halved = stages(1, epochs=20, stop={"halving": {"from": 5, "factor": 2}})

    def pace(trial: Trial, width: int) -> float:
        return 1.0 * width

    study = Study(study="c", data="digits", seeds=[0, 1, 2], stages=halved)
    found = Arranging(unfold(study, SOURCE, {}), pace, workers=1)
    # 12 trials for 5 of 20 epochs, 6 for 5 and 3 for 10.
    assert found.arrange().tasks[0].seconds == pytest.approx(12 / 4 + 6 / 4 + 3 / 2)
    alone = found.arrange(fused=False).tasks
    trained = sum(task.seconds for task in alone)
    assert trained == pytest.approx(12 * (1 / 4 + 1 / 8 + 1 / 8))


def test_a_stage_with_two_parents_retrains_both() -> None:
    joined = [*stages(1), Stage(name="other", model="autoencoder", after=[])]
    joined.append(Stage(name="top", model="autoencoder", after=["stage0", "other"]))
    found = arranging(joined)
    assert found.arrange().trainings == 12 + 3 + 12
    assert found.arrange(shared=False).trainings == 12 * 3


def test_valued_by_descendants_the_rest_waits_for_every_probe() -> None:
    kept = {"keep": {"best": 1, "value": "descendants"}}
    tasks = arranging(stages(2, **kept), workers=12).arrange(fused=False).tasks
    # 12 trials, a first child on each, and three further children on the best setting's seeds.
    assert sum(not task.gate for task in tasks) == 12 + 12 + 9
    assert replay(tasks, 12, worker_start=0.0, task_start=0.0).makespan == 180.0
    # More workers do not help: the rest cannot start before the last probe has ended.
    assert replay(tasks, 100, worker_start=0.0, task_start=0.0).makespan == 180.0
