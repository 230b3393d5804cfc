"""NumPy's files are read as NumPy reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data.archive import UNREADABLE, array_names, map_array, read_arrays


def test_the_wanted_arrays_are_read_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.eye(3), y=np.array(["a", "b"]), z=np.array([object()]))
    assert array_names(path) == ["x", "y", "z"]
    found = read_arrays(path, ("x", "y", "nothing"))
    assert found.keys() == {"x", "y"}
    np.testing.assert_array_equal(found["x"], np.eye(3))
    assert found["y"].tolist() == ["a", "b"]


def test_every_layout_of_an_array_is_read(tmp_path: Path) -> None:
    for array in (np.eye(3)[:, :2].T, np.array(2.5), np.zeros((0, 3)), np.arange(3, dtype=">i4")):
        np.save(tmp_path / "a.npy", array)
        np.testing.assert_array_equal(map_array(tmp_path / "a.npy"), array)


def test_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([object()]))
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(UNREADABLE, match="allow_pickle"):
        read_arrays(tmp_path / "a.npz", ["x"])
    with pytest.raises(UNREADABLE, match="Python objects"):
        map_array(tmp_path / "a.npy")
