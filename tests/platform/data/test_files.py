"""The files of a folder, the same on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.data.files import labels, listed, of_kind
from layerwise.platform.errors import DataError


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_order_is_that_of_names(tmp_path: Path) -> None:
    make(tmp_path, "b/2.txt", "a.txt", "b/10.txt", "B.txt", "b.txt", "b/c/1.txt")
    found = [path.relative_to(tmp_path).as_posix() for path in listed(tmp_path)]
    assert found == ["B.txt", "a.txt", "b/10.txt", "b/2.txt", "b/c/1.txt", "b.txt"]


def test_what_file_browsers_leave_is_passed_over(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.png",
        ".DS_Store",
        "Thumbs.db",
        "x/desktop.ini",
        "README.md",
        "x/LICENSE",
        ".hidden/b.png",
    )
    assert of_kind(tmp_path, (".png",), "images") == [tmp_path / "a.png"]


def test_another_kind_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.PNG", "notes.txt")
    with pytest.raises(DataError, match=r"hold nothing else .*but got 'notes\.txt'"):
        of_kind(tmp_path, (".png",), "images")


def test_nothing_and_no_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"must hold images .*an empty folder"):
        of_kind(tmp_path, (".png",), "images")
    with pytest.raises(DataError, match="must be a folder, but got 'nothing of that name'"):
        listed(tmp_path / "gone")
    make(tmp_path, "a.png")
    with pytest.raises(DataError, match="must be a folder, but got 'a file'"):
        listed(tmp_path / "a.png")


def test_the_uppermost_sub_folder_is_the_label(tmp_path: Path) -> None:
    make(tmp_path, "cat/1.png", "dog/big/1.png", "dog/2.png")
    found = labels(tmp_path, listed(tmp_path))
    assert found is not None
    assert found.tolist() == ["cat", "dog", "dog"]


def test_no_sub_folder_is_no_label(tmp_path: Path) -> None:
    make(tmp_path, "1.png", "2.png")
    assert labels(tmp_path, listed(tmp_path)) is None


def test_one_file_without_a_label_is_named(tmp_path: Path) -> None:
    make(tmp_path, "cat/1.png", "stray.png")
    with pytest.raises(DataError, match=r"1 of 2 outside, such as stray\.png"):
        labels(tmp_path, listed(tmp_path))
