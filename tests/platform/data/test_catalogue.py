"""Names, descriptions, and what loading costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSource, describe, load, names
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]

TIMED = """
import sys, time, types
import layerwise.platform.errors
before = set(sys.modules)
from layerwise.platform.data import load, names
assert names() == ("digits", "mnist")
source = types.SimpleNamespace(
    name="digits", path=None, validation=0.15, test=0.15, split_seed=0, binarise=None)
load(source)
began = time.perf_counter()
load(source)
print(time.perf_counter() - began)
print(*({name.split(".")[0] for name in set(sys.modules) - before}
        & {"torch", "sklearn", "pandas", "ray", "mlflow", "scipy"}))
"""


def test_loading_digits_is_fast_and_imports_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", TIMED], capture_output=True, text=True, check=True)
    seconds, imported = run.stdout.splitlines()
    assert float(seconds) < 0.15
    assert imported == ""


@pytest.mark.parametrize("name", names())
def test_every_data_set_is_described(name: str) -> None:
    found = describe(name)
    assert found.name == name
    assert found.samples > 1000
    assert all([found.shape, found.licence, found.source, found.where])


def test_a_data_set_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert "LAYERWISE_DATA" in describe("mnist").where


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("digit", "Did you mean digits?"),
        ("MNIST ", "Choose one of digits, mnist"),
        ("cifar", "{path: table.csv}"),
        (None, "Choose one of"),
    ],
)
def test_an_unknown_name_is_met_with_the_nearest(
    source: MAKE, name: str | None, remedy: str
) -> None:
    with pytest.raises(DataError, match="must be a known data set") as caught:
        load(source(name))
    assert remedy in str(caught.value)
    if name:
        with pytest.raises(DataError):
            describe(name)


def test_a_table_of_one_s_own_is_split_with_its_labels(source: MAKE, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    x = np.arange(200, dtype=np.int64).reshape(100, 2)
    np.savez(path, x=x, y=np.arange(100))
    data = load(source(path=path))
    assert (data.name, data.visible, data.image_shape) == ("mine", 2, None)
    assert data.labels is not None
    assert [len(data.labels[s]) for s in ("train", "validation", "test")] == [70, 15, 15]
    np.testing.assert_array_equal(data.validation[:, 0], 2 * data.labels["validation"])
    every = np.concatenate([data.train, data.validation, data.test])
    np.testing.assert_array_equal(every[np.argsort(every[:, 0])], x)
    for split in (data.train, data.validation, data.test):
        assert split.dtype == np.float32
        assert split.flags.c_contiguous
        assert split.flags.writeable


def test_a_table_keeps_the_name_a_study_gives_it(source: MAKE, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((20, 2)))
    data = load(source("sensors", path=tmp_path / "x.npy"))
    assert data.name == "sensors"
    assert data.labels is None


def test_a_table_in_the_home_folder_is_found(
    source: MAKE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    np.save(tmp_path / "x.npy", np.ones((20, 2)))
    assert load(source(path="~/x.npy")).visible == 2
