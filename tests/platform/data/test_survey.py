"""What a person is told of a table before training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSource, load
from layerwise.platform.data.survey import survey

MAKE = Callable[..., DataSource]


def test_digits_are_told(source: MAKE) -> None:
    found = survey(load(source("digits")))
    assert found.samples == "1797: 1258 train, 269 validation, 270 test"
    assert found.inputs == "64: an image of 8x8 pixels"
    assert found.values == "from 0 to 1"
    assert found.labels.startswith("10 classes: 0 (178), 1 (182)")
    assert any("never var" in note for note in found.notes)


def test_a_table_is_told_with_what_to_do(source: MAKE, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("a,b,c\n" + "".join(f"{i},{-i},7\n" for i in range(40)))
    found = survey(load(source(path=path)))
    assert (found.name, found.inputs, found.labels) == ("mine", "3: a, b, c", "none")
    assert found.values == "from -39 to 39"
    notes = "\n".join(found.notes)
    assert "1 input never varies" in notes
    assert "{scale: unit}" in notes
    assert "without labels" in notes


@pytest.mark.parametrize(
    ("labels", "said", "noted"),
    [
        (np.arange(40) % 2, "2 classes: 0 (20), 1 (20)", False),
        (np.linspace(0, 1, 40), "40 different values, so no classes", False),
        (np.array(["rare"] + ["common"] * 39), "2 classes: common (39), rare (1)", True),
    ],
)
def test_labels_are_counted(
    source: MAKE, tmp_path: Path, labels: np.ndarray, said: str, noted: bool
) -> None:
    np.savez(tmp_path / "t.npz", x=np.random.default_rng(0).random((40, 2)), y=labels)
    found = survey(load(source(path=tmp_path / "t.npz")))
    assert found.labels == said
    assert any("missing in a split" in note for note in found.notes) == noted


def test_groups_planes_and_sounds_are_told(source: MAKE) -> None:
    photographs = survey(load(source("photographs")))
    assert "an image of 32x32 pixels, 3 planes" in photographs.inputs
    assert "whole groups in one split" in photographs.samples
    assert "8000 samples a second" in survey(load(source("sounds"))).inputs
    assert "448 of tags" in survey(load(source("emoji"))).inputs
