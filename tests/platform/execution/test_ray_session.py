"""What a session refuses before it starts; starting is tested by whole executions."""

from __future__ import annotations

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.execution.ray_session import RaySession


def test_what_this_machine_could_never_give_is_refused() -> None:
    session = RaySession(cpus=2, gpus=0)
    with pytest.raises(StudyError, match=r"resources.cpus.*machine's 2.*3"):
        session.check(cpus=3, gpus=0)
    with pytest.raises(StudyError, match=r"resources.gpus.*machine's 0.*0.5.*--address"):
        session.check(cpus=1, gpus=0.5)
    session.check(cpus=2, gpus=0)
    RaySession(cpus=2, gpus=1).check(cpus=1, gpus=0.5)


def test_a_cluster_may_still_grow() -> None:
    RaySession("ray://head:10001", cpus=2, gpus=0).check(cpus=64, gpus=8)


@pytest.mark.parametrize(("cpus", "workers"), [(1, 4), (2, 2), (0.5, 8), (3, 1)])
def test_cohorts_side_by_side(cpus: float, workers: int) -> None:
    assert RaySession(cpus=4, gpus=0).workers(cpus, gpus=0) == workers


def test_gpus_limit_how_many_cohorts_fit() -> None:
    assert RaySession(cpus=8, gpus=1).workers(cpus=1, gpus=0.25) == 4


def test_a_session_that_was_not_started_is_neither_waited_for_nor_stopped() -> None:
    with RaySession(cpus=1) as session:
        session.wait()
        assert not session.started
