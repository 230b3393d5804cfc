"""Splits in files: written, mapped again, and refused where they are not whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import mapped
from layerwise.platform.data.mapped import SPLITS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shapes = {}
    for rows, split in enumerate(SPLITS, 1):
        array = mapped.create(tmp_path, split, (rows, 3))
        array[:] = rows
        shapes[split] = [rows, 3]
        array.flush()  # type: ignore[attr-defined]  # it is mapped
    mapped.save_labels(tmp_path, {split: np.array(["a", "b", "c"]) for split in SPLITS})
    mapped.save_manifest(tmp_path, {"labelled": True, "shapes": shapes, "digest": "d"})
    return tmp_path


def test_what_was_written_is_mapped(folder: Path) -> None:
    found = mapped.opened(folder)
    assert found.labels is not None
    assert found.manifest["digest"] == "d"
    for rows, split in enumerate(SPLITS, 1):
        assert isinstance(found.splits[split], np.memmap)
        assert not found.splits[split].flags.writeable
        np.testing.assert_array_equal(found.splits[split], np.full((rows, 3), rows, np.float32))
        assert found.labels[split].tolist() == ["a", "b", "c"]


def test_no_write_reaches_the_file(folder: Path) -> None:
    train = mapped.opened(folder).splits["train"]
    train.flags.writeable = True
    train[:] = 7
    np.testing.assert_array_equal(mapped.opened(folder).splits["train"], np.ones((1, 3)))


@pytest.mark.parametrize("name", ["manifest.json", "train.npy", "test.labels.npy"])
def test_what_is_not_whole_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-5])
    with pytest.raises((OSError, ValueError, EOFError)):
        mapped.opened(folder)
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError):
        mapped.opened(folder)


def test_another_format_is_refused(folder: Path) -> None:
    text = (folder / "manifest.json").read_text().replace('"format": 1', '"format": 99')
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match="not of format 1"):
        mapped.opened(folder)


def test_room_is_taken_before_anything_is_written(tmp_path: Path) -> None:
    array = mapped.create(tmp_path, "train", (1000, 1000))
    assert (tmp_path / "train.npy").stat().st_blocks * 512 >= array.nbytes
