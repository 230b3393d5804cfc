from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.terms import Data, Objective, Resources


def test_data_has_defaults_and_may_be_a_plain_name() -> None:
    assert Data.of("digits") == Data(name="digits", validation=0.15, test=0.15, split_seed=0)


def test_the_path_of_a_table_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    assert Data.of({"path": "table.npz"}).path == tmp_path / "table.npz"
    assert Data(path=Path("~/table.csv")).path == Path("/home/someone/table.csv")


def test_numpy_numbers_are_taken() -> None:
    data = Data("digits", validation=np.float32(0.25), test=np.float64(0.5), split_seed=np.int64(3))  # type: ignore[arg-type]  # np.float32 is what people pass
    assert data == Data("digits", validation=0.25, test=0.5, split_seed=3)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ("digit", "data.name", "Did you mean digits?"),
        ("zzzzz", "data.name", "Known data: "),
        ("mine/table.npz", "data.name", "write {path: mine/table.npz}"),
        ({"name": "digits", "path": "t.npz"}, "data", "exactly one of name and path"),
        ({}, "data", "Write {name: digits} or {path: table.npz}."),
        ({"path": "t.xlsx"}, "data.path", "must end with .npz, .npy or .csv"),
        ({"path": 3}, "data.path", "must be the path of a table"),
        ({"path": "a\0.npz"}, "data.path", "must be printable text"),
        ({"name": "digits", "validation": 0}, "data.validation", "both excluded, but got 0"),
        ({"name": "digits", "test": 15}, "data.test", "Write 0.15 for 15 %."),
        ({"name": "digits", "test": "15%"}, "data.test", "must be a share"),
        ({"name": "digits", "test": True}, "data.test", "must be a share"),
        ({"name": "digits", "test": float("nan")}, "data.test", "Only finite"),
        ({"name": "digits", "test": 0.5, "validation": 0.5}, "data.test", "below 1, but got 1.0"),
        ({"name": "digits", "binarise": "sample"}, "data.binarise", "sampled"),
        ({"name": "digits", "split_seed": -1}, "data.split_seed", "from 0 to 2147483647"),
        ({"name": "digits", "split_seed": 0.0}, "data.split_seed", "Write 0."),
    ],
)
def test_wrong_data(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Data.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)


@pytest.mark.parametrize("written", [3, None, ["digits"], {"nam": "digits"}, {3: "digits"}])
def test_data_that_is_no_description(written: object) -> None:
    with pytest.raises(StudyError):
        Data.of(written)


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
