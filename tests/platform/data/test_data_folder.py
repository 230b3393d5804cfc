"""Files of the folder LAYERWISE_DATA are read, or it is said what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import data_folder
from layerwise.platform.errors import DataError

WANTED = {"x": ("uint8", (2, 3))}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path))
    return tmp_path


def test_arrays_and_words_are_read(folder: Path) -> None:
    np.savez(folder / "a.npz", x=np.ones((2, 3), np.uint8), more=np.zeros(9))
    (folder / "a.json").write_text('{"names": ["b", "a"]}')
    assert data_folder.where("a.npz") == folder / "a.npz"
    assert data_folder.arrays("name", "a.npz", WANTED)["x"].shape == (2, 3)
    words = data_folder.words("name", "a.json", "names", 2)
    assert data_folder.chosen(words, np.array([1, 1, 0])).tolist() == ["a", "a", "b"]
    with pytest.raises(DataError, match="must be from 0 to 1, but got 2"):
        data_folder.chosen(words, np.array([2]))


def test_without_the_variable_it_says_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert data_folder.where("a.npz") is None
    with pytest.raises(DataError, match=r"name: needs a\.npz.*is not set.*holds a\.npz"):
        data_folder.arrays("name", "a.npz", WANTED)


def test_without_the_file_it_says_where_it_looked(folder: Path) -> None:
    with pytest.raises(DataError, match=f"no file {folder}"):
        data_folder.words("name", "a.json", "names", 2)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"words"])
def test_a_damaged_archive_is_refused(folder: Path, content: bytes) -> None:
    (folder / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"must be a readable \.npz"):
        data_folder.arrays("name", "a.npz", WANTED)


@pytest.mark.parametrize(
    ("arrays", "got"),
    [({"y": np.zeros(3)}, "none"), ({"x": np.zeros((2, 3))}, r"float64 \(2, 3\)")],
)
def test_another_file_of_that_name_is_refused(
    folder: Path, arrays: dict[str, np.ndarray], got: str
) -> None:
    np.savez(folder / "a.npz", **arrays)  # type: ignore[arg-type]  # keyword allow_pickle
    with pytest.raises(DataError, match=rf"x must be uint8 \(2, 3\), but got '{got}'"):
        data_folder.arrays("name", "a.npz", WANTED)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("{", "must be JSON with names"),
        ("[]", "must be JSON with names"),
        ("{}", "must be JSON with names"),
        ('{"names": ["a"]}', "names must list 2 words"),
        ('{"names": ["a", 1]}', "names must list 2 words"),
        ('{"names": "ab"}', "names must list 2 words"),
    ],
)
def test_other_words_are_refused(folder: Path, content: str, match: str) -> None:
    (folder / "a.json").write_text(content)
    with pytest.raises(DataError, match=match):
        data_folder.words("name", "a.json", "names", 2)
