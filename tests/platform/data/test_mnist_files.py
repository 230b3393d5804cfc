"""The .npz and the IDX files hold the same, and neither is taken for another data set."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data.mnist_files import IDX_FILES, SHAPES, MnistFiles
from layerwise.platform.errors import DataError

FILES = MnistFiles("mnist", first=(5, 0, 4, 1, 9))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path))
    return tmp_path


def arrays(first: tuple[int, ...] = FILES.first) -> dict[str, np.ndarray]:
    made = {name: np.zeros(shape, np.uint8) for name, shape in SHAPES.items()}
    made["x_train"][7, 1, 2] = 255
    made["y_train"][: len(first)] = first
    return made


def write_idx(folder: Path, made: dict[str, np.ndarray], packed: bool) -> None:
    folder.mkdir(exist_ok=True)
    for name, array in made.items():
        head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        content = head + array.tobytes()
        if packed:
            (folder / f"{IDX_FILES[name]}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (folder / IDX_FILES[name]).write_bytes(content)


@pytest.mark.parametrize(("place", "packed"), [("mnist", True), ("mnist", False), (".", True)])
def test_idx_files_are_found(folder: Path, place: str, packed: bool) -> None:
    write_idx(folder / place, arrays(), packed)
    assert FILES.where() == folder / place
    train, test = FILES.read()
    assert (train.x.shape, test.x.shape) == ((60_000, 784), (10_000, 784))
    assert train.labels is not None
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    row, _ = train[np.array([7])]
    assert row[0, 28 + 2] == 1.0
    # Those of another data set, which are called the same, are not.
    assert MnistFiles("fashion_mnist", first=(9, 0, 0, 3, 0)).where() != folder / place


def test_the_npz_comes_first(folder: Path) -> None:
    write_idx(folder / "mnist", arrays(), packed=False)
    np.savez(folder / "mnist.npz", **arrays())  # type: ignore[arg-type]  # keyword allow_pickle
    assert FILES.where() == folder / "mnist.npz"
    assert FILES.read()[0].x[7, 30] == 255


def test_another_data_set_is_not_taken_for_it(folder: Path) -> None:
    write_idx(folder / "mnist", arrays(first=(9, 0, 0, 3, 0)), packed=False)
    with pytest.raises(DataError, match="first labels are 5 0 4 1 9, but got '9 0 0 3 0'"):
        FILES.read()


def test_a_damaged_idx_file_is_refused(folder: Path) -> None:
    write_idx(folder / "mnist", arrays(), packed=False)
    broken = folder / "mnist" / IDX_FILES["x_test"]
    broken.write_bytes(broken.read_bytes()[:-1])
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: must be a readable IDX file"):
        FILES.read()
