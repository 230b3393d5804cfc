"""MNIST is the published one, its test set untouched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSource, describe, load, mnist
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]

needs_file = pytest.mark.skipif(
    not os.environ.get("LAYERWISE_DATA"), reason="LAYERWISE_DATA names no folder with mnist.npz"
)


@needs_file
def test_the_published_test_set_is_the_test_set(source: MAKE) -> None:
    data = load(source("mnist", validation=0.1, test=0.5))
    assert [len(x) for x in (data.train, data.validation, data.test)] == [54_000, 6_000, 10_000]
    assert (data.visible, data.image_shape) == (784, (28, 28))
    assert data.labels is not None
    assert data.labels["test"][:5].tolist() == [7, 2, 1, 0, 4]
    assert (data.train.min(), data.train.max()) == (0.0, 1.0)
    both = np.concatenate([data.train, data.validation])
    # The mean and deviation everybody normalises by.
    assert both.mean(dtype=np.float64) == pytest.approx(0.1307, abs=1e-4)
    assert both.std(dtype=np.float64) == pytest.approx(0.3081, abs=1e-4)
    assert describe("mnist").where.endswith("mnist.npz")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path))
    return tmp_path


def test_without_the_variable_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    with pytest.raises(DataError, match=r"LAYERWISE_DATA is not set.*fetch mnist.*https://"):
        mnist.read()


def test_without_the_file_it_says_where_it_looked(folder: Path) -> None:
    with pytest.raises(DataError, match=f"no file {folder}"):
        mnist.read()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half an archive", b"words"])
def test_a_damaged_file_is_refused(folder: Path, content: bytes) -> None:
    (folder / "mnist.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"must be a readable \.npz"):
        mnist.read()


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ({"x": np.zeros((3, 3))}, r"x_train must be uint8 \(60000, 28, 28\), but got 'none'"),
        ({"x_train": np.zeros((5, 28, 28), np.uint8)}, r"but got 'uint8 \(5, 28, 28\)'"),
    ],
)
def test_another_file_of_that_name_is_not_mnist(
    folder: Path, arrays: dict[str, np.ndarray], match: str
) -> None:
    np.savez(folder / "mnist.npz", **arrays)  # type: ignore[arg-type]  # keyword allow_pickle
    with pytest.raises(DataError, match=match):
        mnist.read()
