from __future__ import annotations

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.terms import Objective, Resources


def test_an_objective_reads_back() -> None:
    objective = Objective("test/log_likelihood", "maximize")
    assert Objective.of(objective.mapping()) == objective


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("validation/loss", "Write {minimize: validation/loss}."),
        ({"minimise": "validation/loss"}, "Did you mean 'minimize'?"),
        ({}, "exactly one of"),
        ({"minimize": "train/loss", "maximize": "train/loss"}, "exactly one of"),
        ({"minimize": "loss"}, "Did you mean validation/loss?"),
        ({"minimize": "../loss"}, "Did you mean validation/loss?"),
        ({"minimize": 3}, "Put it in quotes: '3'."),
    ],
)
def test_wrong_objectives(written: object, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Objective.of(written)
    assert said in str(caught.value)


def test_resources_may_share_a_gpu() -> None:
    resources = Resources.of({"cpus": 2, "gpus": 0.25})
    assert (resources.cpus, resources.gpus) == (2.0, 0.25)
    assert resources.mapping() == {"cpus": 2, "gpus": 0.25}
    assert Resources.of({}) == Resources(cpus=1, gpus=0)


def test_resources_of_several_workers_are_those_of_each() -> None:
    resources = Resources.of({"workers": 4, "gpus_per_worker": 1})
    assert (resources.workers, resources.cpus_per_worker, resources.gpus_per_worker) == (4, 1, 1)
    assert Resources.of(resources.mapping()) == resources
    assert Resources.of({"workers": 1, "gpus_per_worker": 1}) == Resources(cpus=1, gpus=1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"cpus": 0}, "must be a number above 0, but got 0.0"),
        ({"cpus": 1.5}, "must be whole above 1"),
        ({"gpus": -1}, "from 0 upwards, but got -1.0"),
        ({"gpus": True}, "write 1 if that is meant"),
        ({"gpus": "1e-1"}, "write 1.0e-1"),
        ({"gpu": 1}, "Did you mean 'gpus'?"),
        ({"workers": 0}, "from 1 to"),
        ({"worker": 2}, "Did you mean 'workers'?"),
        ({"workers": 2, "cpus_per_worker": 0}, "must be a number above 0"),
        ({"workers": 2, "gpus_per_worker": 1.5}, "must be whole above 1"),
        (2, "Write {cpus: 1}."),
    ],
)
def test_wrong_resources(written: object, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Resources.of(written)
    assert said in str(caught.value)
