"""Tables in one file or in several: what they hold, and what is wrong with a folder of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data.parts import is_parted, table
from layerwise.platform.errors import DataError


def frame(rows: int, *names: str) -> pd.DataFrame:
    return pd.DataFrame({name: np.arange(rows, dtype=np.float64) for name in names})


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    for number, rows in enumerate((30, 1, 25)):
        path = tmp_path / f"part-{number}.parquet"
        frame(rows, "a", "b").assign(kind="x").to_parquet(path, row_group_size=10)
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "README.md").touch()
    assert is_parted(tmp_path)
    found = table(tmp_path, "kind")
    assert (found.rows, found.width, found.features, found.size) == (56, 2, ("a", "b"), 448)
    assert [file.groups for file in found.files] == [(10, 10, 10), (1,), (10, 10, 5)]
    assert found.encoded
    (tmp_path / "part-1.parquet").touch()
    with pytest.raises(DataError, match="must stay as it is while it is read"):
        found.require_unchanged()


def test_arrays_are_parts_as_well(tmp_path: Path) -> None:
    for number in range(2):
        np.save(tmp_path / f"{number}.npy", np.ones((number + 3, 4)))
    found = table(tmp_path)
    assert (found.rows, found.width, found.features, found.encoded) == (7, 4, (), False)


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "nowhere.npy"])
def test_what_is_read_whole(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").touch()
    (tmp_path / "t.npz").touch()
    assert not is_parted(tmp_path / name)
    assert not is_parted(tmp_path)


def _other_columns(folder: Path) -> None:
    frame(3, "a", "c").to_parquet(folder / "b.parquet")


def _another_order(folder: Path) -> None:
    frame(3, "b", "a").to_parquet(folder / "b.parquet")


def _text(folder: Path) -> None:
    frame(3, "a").assign(b="x").to_parquet(folder / "b.parquet")


def _other_kind(folder: Path) -> None:
    np.save(folder / "b.npy", np.ones((2, 2)))


def _deeper(folder: Path) -> None:
    (folder / "year=2020").mkdir()
    frame(3, "a", "b").to_parquet(folder / "year=2020" / "b.parquet")


def _damaged(folder: Path) -> None:
    (folder / "b.parquet").write_bytes(b"words")


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (_other_columns, r"b\.parquet: must have the columns of a\.parquet.*'no b; also c'"),
        (_another_order, "but got 'another order'"),
        (_text, r"b\.parquet, column b: must hold numbers"),
        (_other_kind, r"must be of one kind, but got '\.npy and \.parquet'"),
        (_deeper, r"must hold them itself.*year=2020/b\.parquet.*Move them up"),
        (_damaged, r"b\.parquet: must be a readable \.parquet file"),
    ],
)
def test_parts_that_are_no_table(tmp_path: Path, spoil: Callable[[Path], None], match: str) -> None:
    frame(3, "a", "b").to_parquet(tmp_path / "a.parquet")
    spoil(tmp_path)
    assert is_parted(tmp_path)
    with pytest.raises(DataError, match=match):
        table(tmp_path)


def test_labels_are_of_one_kind(tmp_path: Path) -> None:
    frame(3, "a").assign(kind=[1, 2, 3]).to_parquet(tmp_path / "a.parquet")
    frame(3, "a").assign(kind=["1", "2", "3"]).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"column kind: labels must be of one kind"):
        table(tmp_path, "kind")
    with pytest.raises(DataError, match="Did you mean kind"):
        table(tmp_path, "kinds")


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.ones(3), "must be 2-D"),
        (np.ones((0, 3)), "at least one sample"),
        (np.full((2, 2), "a"), "must hold real numbers"),
        (np.ones((2, 5)), r"must have 2 columns, as a\.npy has, but got 5"),
    ],
)
def test_arrays_that_are_no_table(tmp_path: Path, array: np.ndarray, match: str) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    np.save(tmp_path / "b.npy", array)
    with pytest.raises(DataError, match=match):
        table(tmp_path)


def test_an_empty_table_is_none(tmp_path: Path) -> None:
    frame(0, "a").to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="at least one sample and one input"):
        table(tmp_path)
