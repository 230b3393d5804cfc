"""Parquet files as data frames are saved, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data.parquet import read
from layerwise.platform.errors import DataError


def saved(tmp_path: Path, frame: pd.DataFrame) -> Path:
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    return path


def test_what_pandas_saves_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "width": [1.5, 2.5, 3.5],
            "count": [1, 2, 3],
            "flag": [True, False, True],
            "kind": pd.Categorical(["a", "b", "a"]),
        }
    )
    columns = read(saved(tmp_path, frame), "kind")
    assert columns.names == ("width", "count", "flag")
    np.testing.assert_array_equal(columns.x, [[1.5, 1, 1], [2.5, 2, 0], [3.5, 3, 1]])
    assert columns.labels is not None
    assert columns.labels.tolist() == ["a", "b", "a"]


def test_the_row_numbers_of_a_filtered_table_are_no_input(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "y": [3, 4, 5]}).iloc[[2, 0]]
    columns = read(saved(tmp_path, frame), "y")
    assert columns.names == ("a",)
    assert columns.labels is not None
    assert columns.labels.tolist() == [5, 3]


def test_small_floats_stay_small(tmp_path: Path) -> None:
    assert read(saved(tmp_path, pd.DataFrame({"a": np.ones(3, np.float32)}))).x.dtype == np.float32
    integers = pd.DataFrame({"a": np.array([2**24 + 1, 0, 1])})
    assert read(saved(tmp_path, integers)).x[0, 0] == 2**24 + 1


@pytest.mark.parametrize(
    ("content", "label", "match"),
    [
        ({"a": [1.0], "b": ["x"]}, None, r"column b: must hold numbers, .*write {label: b}"),
        ({"a": pd.to_datetime(["2020-01-01"])}, None, "type timestamp.* Leave it out"),
        ({"a": [1.0, None]}, None, r"column a, row 1 \(from 0\): must .* Fill in"),
        ({"a": [1.0, np.inf]}, None, r"column a, row 1 .*: must be a finite number, but got 'inf'"),
        ({"a": [1.0, 1.0], "b": ["x", None]}, "b", "column b, row 1 .*: must have a value"),
        ({"a": [1.0], "kind": ["x"]}, "kinds", "Did you mean kind?"),
    ],
)
def test_the_first_mistake_is_named(
    tmp_path: Path, content: dict[str, Any], label: str | None, match: str
) -> None:
    with pytest.raises(DataError, match=match):
        read(saved(tmp_path, pd.DataFrame(content)), label)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, pd.DataFrame({"a": [1.0]}))
    for content in (b"", b"words", path.read_bytes()[:-20]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"must be a readable \.parquet file"):
            read(path)
