"""Pieces are a table in its order, and a mistake in one has its place in the file."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data import pieces as module
from layerwise.platform.data.parts import table
from layerwise.platform.data.pieces import in_this_process, pieces
from layerwise.platform.errors import DataError


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 10 rows of two numbers in a block, 25 in a piece."""
    monkeypatch.setattr(module, "BLOCK_BYTES", 80)
    monkeypatch.setattr(module, "PIECE_BYTES", 200)


def test_row_groups_are_read_together(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((103, 2))
    pd.DataFrame(x, columns=["a", "b"]).to_parquet(tmp_path / "t.parquet", row_group_size=12)
    found = table(tmp_path / "t.parquet")
    assert [(piece.first, piece.rows) for piece in pieces(found)] == [
        (0, 24), (24, 24), (48, 24), (72, 24), (96, 7),
    ]  # fmt: skip
    with in_this_process(found) as blocks:
        read = list(blocks)
    assert all(0 < len(block) <= 10 and block.dtype == np.float32 for block in read)
    np.testing.assert_array_equal(np.concatenate(read), x.astype(np.float32))
    again = [block for piece in pieces(found) for block in pickle.loads(pickle.dumps(piece)).read()]
    np.testing.assert_array_equal(np.concatenate(again), x.astype(np.float32))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.bool_])
def test_an_array_is_read_in_slices(tmp_path: Path, dtype: type, order: str) -> None:
    x = np.asarray(np.random.default_rng(0).integers(0, 2**40, (57, 2)), dtype, order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "t.npy", x)
    with in_this_process(table(tmp_path / "t.npy")) as blocks:
        np.testing.assert_array_equal(np.concatenate(list(blocks)), x.astype(np.float32))


def test_a_mistake_has_its_row_in_the_file(tmp_path: Path) -> None:
    x = np.ones((60, 2))
    for value, said in (
        (np.inf, "finite number"),
        (1e300, r"float32 can .*row 47, column 1"),
    ):
        x[47, 1] = value
        np.save(tmp_path / "t.npy", x)
        pd.DataFrame(x, columns=["a", "b"]).to_parquet(tmp_path / "t.parquet", row_group_size=7)
        for name in ("t.npy", "t.parquet"):
            with in_this_process(table(tmp_path / name)) as blocks:  # noqa: SIM117
                with pytest.raises(DataError, match=said) as caught:
                    list(blocks)
            assert "row 47" in str(caught.value)
    frame = pd.DataFrame({"a": pd.array([1] * 30 + [None], dtype="Int64")})
    frame.to_parquet(tmp_path / "n.parquet")
    with in_this_process(table(tmp_path / "n.parquet")) as blocks:  # noqa: SIM117
        with pytest.raises(DataError, match=r"column a, row 30 \(from 0\): must have a value"):
            list(blocks)
