"""A table of one's own is read, or its fault is named."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data.table import read
from layerwise.platform.errors import DataError

X = np.arange(6.0).reshape(3, 2)


class Spy:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.mark),)


def test_every_kind_of_table_gives_the_same_numbers(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=np.arange(3))
    np.savez_compressed(tmp_path / "b.npz", x=X)
    np.save(tmp_path / "c.npy", X)
    np.savetxt(tmp_path / "d.CSV", X, delimiter=",", header="a,b", comments="")
    pd.DataFrame(X, columns=["a", "b"]).to_parquet(tmp_path / "e.parquet")
    for path in tmp_path.iterdir():
        samples = read(path)
        np.testing.assert_array_equal(samples.x, X)
        assert (samples.labels is not None) == (path.name == "a.npz")
        assert samples.features == (("a", "b") if path.suffix in (".CSV", ".parquet") else ())


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("mesures.csv", r"must exist, but got 'no such file in .*Did you mean measures\.csv\?"),
        ("other.npz", "Check the path"),
        ("nowhere/measures.csv", "no folder .*nowhere"),
        ("folder.csv", "must be a file, but got 'a folder'"),
        ("measures.xlsx", r"must end with .*\.parquet, or be a folder, but got '\.xlsx'"),
        ("measures", "but got 'no suffix'"),
    ],
)
def test_a_table_that_is_not_there(tmp_path: Path, name: str, match: str) -> None:
    (tmp_path / "measures.csv").write_text("1,2\n")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=match):
        read(tmp_path / name)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_a_damaged_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    if suffix == ".npz":
        np.savez(path, x=X)
    else:
        np.save(path, X)
    whole = path.read_bytes()
    for content in (b"", whole[:30], whole[: len(whole) // 2], b"words, and not an array"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"must be a readable \\{suffix} file"):
            read(path)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_a_pickle_is_never_run(tmp_path: Path, suffix: str) -> None:
    path, mark = tmp_path / f"table{suffix}", tmp_path / "mark"
    array = np.array([[Spy(mark)]], dtype=object)
    if suffix == ".npz":
        np.savez(path, x=array)
    else:
        np.save(path, array, allow_pickle=True)
    with pytest.raises(DataError, match="pickles are refused"):
        read(path)
    assert not mark.exists()


def test_an_archive_without_x_names_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "table.npz", data=X, target=X)
    with pytest.raises(DataError, match=r"must hold an array x .* got 'arrays: data, target'"):
        read(tmp_path / "table.npz")


def test_the_numbers_are_checked(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", np.full((2, 2), np.nan))
    with pytest.raises(DataError, match=r"table\.npy: must hold finite numbers"):
        read(tmp_path / "table.npy")
    (tmp_path / "table.csv").write_text("a,b\n")
    with pytest.raises(DataError, match="at least one sample"):
        read(tmp_path / "table.csv")


def test_a_table_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "table.npy"
    np.save(path, X)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root can read everything")
    with pytest.raises(DataError, match="Permission denied"):
        read(path)


def test_an_array_of_an_archive_may_hold_the_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", x=X, y=np.zeros(3), kind=np.array(["a", "b", "a"]))
    labels = read(tmp_path / "t.npz", "kind").labels
    assert labels is not None
    assert labels.tolist() == ["a", "b", "a"]
    with pytest.raises(DataError, match=r"data\.label: must be a column .* Did you mean kind"):
        read(tmp_path / "t.npz", "kinds")
    np.save(tmp_path / "t.npy", X)
    with pytest.raises(DataError, match=r"data\.label: needs a table with names"):
        read(tmp_path / "t.npy", "kind")


@pytest.mark.parametrize("header", ["a,a", "a,"])
def test_names_that_do_not_tell_apart_are_none(tmp_path: Path, header: str) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1,2\n")
    assert read(tmp_path / "t.csv").features == ()


def test_an_npy_is_read_as_it_is_used(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.ones((50_000, 100)))  # 40 MB
    tracemalloc.start()
    samples = read(tmp_path / "t.npy")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(samples.x, np.memmap)
    assert peak < 1e6
