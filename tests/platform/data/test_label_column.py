"""Labels of parts are those that reading one table whole gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data import label_column, parquet
from layerwise.platform.data.label_column import labels_of
from layerwise.platform.data.parts import table
from layerwise.platform.errors import DataError


@pytest.mark.parametrize(
    "kind",
    [
        [3, 1, 2, 1, 5, 6],
        [True, False, True, True, False, False],
        ["a", "long word", "a", "", "b", "7"],
        ["1", "2", "1", "3", "10", "2"],
        ["007", "1", "2", "3", "4", "5"],
        ["0.5", "1", "2", "3", "4", "5"],
        [0.5, 1.25, 1e300, -3.0, 0.5, 2.0],
        [1.0, float("inf"), 2.0, 1.0, 3.5, float("inf")],
        pd.Categorical(["b", "a", "b", "b", "a", "c"]),
        pd.to_datetime(["2020-01-01", "2020-01-02"] * 3),
        np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.3], np.float32),
    ],
)
def test_they_are_as_in_one_table(
    tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_column, "_MOST_ROWS", 2)
    frame = pd.DataFrame({"a": np.arange(6.0), "kind": kind})
    frame.to_parquet(tmp_path / "whole.parquet")
    folder = tmp_path / "parts"
    folder.mkdir()
    frame[:4].to_parquet(folder / "0.parquet", row_group_size=3)
    frame[4:].to_parquet(folder / "1.parquet")
    expected = parquet.read(tmp_path / "whole.parquet", "kind").labels
    found = labels_of(table(folder, "kind"))
    assert expected is not None
    assert found is not None
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_a_missing_one_has_its_row(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(4.0), "kind": ["x", "y", None, "z"]})
    frame.to_parquet(tmp_path / "t.parquet", row_group_size=2)
    with pytest.raises(DataError, match=r"column kind, row 2 \(from 0\): must have a value"):
        labels_of(table(tmp_path / "t.parquet", "kind"))


def test_a_table_may_have_none(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.ones((3, 2)))
    assert labels_of(table(tmp_path / "t.npy")) is None
