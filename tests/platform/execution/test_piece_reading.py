"""Ray Data gives a table's blocks in its order, and says what is wrong as reading it here does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layerwise.platform.data import pieces
from layerwise.platform.data.parts import PartedTable, table
from layerwise.platform.data.pieces import in_this_process
from layerwise.platform.errors import DataError
from layerwise.platform.execution.piece_reading import by_ray
from layerwise.platform.execution.ray_session import RaySession

pytestmark = pytest.mark.usefixtures("ray_session")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pieces of a small table."""
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 4 * 5 * 100)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4 * 5 * 400)


def parted(folder: Path, x: np.ndarray) -> PartedTable:
    """Three parts, in row groups of 150."""
    frame = pd.DataFrame(x, columns=list("abcde"))
    for number, start in enumerate(range(0, len(x), 1000)):
        part = frame[start : start + 1000]
        part.to_parquet(folder / f"{number}.parquet", row_group_size=150)
    return table(folder)


def test_blocks_come_in_the_table_s_order(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((2700, 5))
    with by_ray(parted(tmp_path, x)) as blocks:
        found = [block.copy() for block in blocks]
    assert len(found) > 3
    np.testing.assert_array_equal(np.concatenate(found), x.astype(np.float32))


def test_a_mistake_is_said_as_it_is_here(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((2700, 5))
    x[1234, 2] = x[2500, 0] = np.inf
    found = parted(tmp_path, x)
    said = []
    for read in (by_ray, in_this_process):
        with read(found) as blocks, pytest.raises(DataError) as caught:
            list(blocks)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert (
        "1.parquet, column c, row 234 (from 0): must be a finite number, but got 'inf'" in said[0]
    )


def test_a_file_that_a_node_lacks_is_said(tmp_path: Path) -> None:
    found = parted(tmp_path, np.ones((300, 5)))
    (tmp_path / "0.parquet").unlink()
    with by_ray(found) as blocks, pytest.raises(DataError, match="must lie where every node reads"):
        list(blocks)


def test_who_stops_early_leaves_nothing_running(tmp_path: Path) -> None:
    found = parted(tmp_path, np.ones((2700, 5)))
    with by_ray(found) as blocks:
        assert len(next(iter(blocks)))
    with by_ray(found) as blocks:
        assert sum(map(len, blocks)) == 2700


def test_what_needs_no_decoding_needs_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "t.npy", np.ones((300, 5)))
    monkeypatch.setattr(RaySession, "start", lambda self: pytest.fail("Ray is started"))
    with by_ray(table(tmp_path / "t.npy")) as blocks:
        assert sum(map(len, blocks)) == 300


def test_a_ray_that_runs_is_used_and_left(tmp_path: Path) -> None:
    import ray

    assert ray.is_initialized()
    with by_ray(parted(tmp_path, np.ones((300, 5)))) as blocks:
        list(blocks)
    assert ray.is_initialized()
