"""The data of a study: names, paths, shares and terms, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.data_terms import Data
from layerwise.platform.study.folder_terms import ImageTerms, SoundTerms


def test_data_has_defaults_and_may_be_a_plain_name() -> None:
    assert Data.of("digits") == Data(name="digits", validation=0.15, test=0.15, split_seed=0)


def test_the_path_of_a_table_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    assert Data.of({"path": "table.npz"}).path == tmp_path / "table.npz"
    assert Data(path=Path("~/table.csv")).path == Path("/home/someone/table.csv")


def test_numpy_numbers_are_taken() -> None:
    data = Data("digits", validation=np.float32(0.25), test=np.float64(0.5), split_seed=np.int64(3))  # type: ignore[arg-type]  # np.float32 is what people pass
    assert data == Data("digits", validation=0.25, test=0.5, split_seed=3)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ("digit", "data.name", "Did you mean digits?"),
        ("zzzzz", "data.name", "Known data: "),
        ("mine/table.npz", "data.name", "write {path: mine/table.npz}"),
        ({"name": "digits", "path": "t.npz"}, "data", "exactly one of name and path"),
        ({}, "data", "Write {name: digits} or {path: table.npz}."),
        (
            {"path": "t.xlsx"},
            "data.path",
            "must end with .npz, .npy, .csv or .parquet, or be",
        ),
        ({"path": 3}, "data.path", "must be the path of a table or folder"),
        ({"path": "a\0.npz"}, "data.path", "must be printable text"),
        ({"name": "digits", "validation": 0}, "data.validation", "both excluded, but got 0"),
        ({"name": "digits", "test": 15}, "data.test", "Write 0.15 for 15 %."),
        ({"name": "digits", "test": "15%"}, "data.test", "must be a share"),
        ({"name": "digits", "test": True}, "data.test", "must be a share"),
        ({"name": "digits", "test": float("nan")}, "data.test", "Only finite"),
        ({"name": "digits", "test": 0.5, "validation": 0.5}, "data.test", "below 1, but got 1.0"),
        ({"name": "digits", "binarise": "sample"}, "data.binarise", "sampled"),
        ({"name": "digits", "split_seed": -1}, "data.split_seed", "from 0 to 2147483647"),
        ({"name": "digits", "split_seed": 0.0}, "data.split_seed", "Write 0."),
    ],
)
def test_wrong_data(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Data.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)


@pytest.mark.parametrize("written", [3, None, ["digits"], {"nam": "digits"}, {3: "digits"}])
def test_data_that_is_no_description(written: object) -> None:
    with pytest.raises(StudyError):
        Data.of(written)


def test_every_term_reads_back(tmp_path: Path) -> None:
    written: dict[str, Any] = {
        "path": str(tmp_path),
        "validation": 0.1,
        "test": 0.2,
        "split_seed": 3,
        "binarise": "threshold",
        "scale": "unit",
        "label": "kind",
        "anomalous": ["a", 3, 0.5],
        "contamination": 0.1,
        "samples": 500,
        "stream": False,
        "image": {"size": 16, "colour": "rgb"},
    }
    assert Data.of(written).mapping() == written
    sounds = {"rate": 16000, "window": 512, "hop": 128, "frames": 4}
    assert Data.of({"path": str(tmp_path), "sound": sounds}).mapping()["sound"] == sounds
    assert Data.of(Data.of(written).mapping()) == Data.of(written)


def test_what_is_not_said_is_not_written() -> None:
    assert list(Data("digits", scale="none").mapping()) == [
        "name",
        "validation",
        "test",
        "split_seed",
    ]
    assert Data("digits", scale="none") == Data("digits")


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "pictures.v2").mkdir()
    assert Data(path=tmp_path / "pictures.v2").path == tmp_path / "pictures.v2"
    # It may be on another machine.
    assert Data(path=Path("/nowhere/pictures")).path == Path("/nowhere/pictures")


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"scale": "units"}, "data.scale", "Did you mean unit?"),
        ({"scale": "standardise", "binarise": "sampled"}, "data.scale", "Write {scale: unit}."),
        ({"label": "kind"}, "data.label", "is a term of tables of your own"),
        ({"anomalous": 4}, "data.anomalous", "Write [4]."),
        ({"anomalous": []}, "data.anomalous", "at least one of the labels"),
        ({"anomalous": [1, [2]]}, "data.anomalous[1]", "must be a label"),
        ({"anomalous": [1, 1]}, "data.anomalous[1]", "labels must be distinct"),
        ({"contamination": 0.1}, "data.contamination", "needs anomalous"),
        ({"anomalous": [1], "contamination": 1}, "data.contamination", "from 0 to below 1"),
        ({"anomalous": [1], "contamination": 5}, "data.contamination", "Write 0.05 for 5 %."),
        ({"samples": 2}, "data.samples", "must be a whole number from 3"),
        ({"samples": 1e3}, "data.samples", "Write 1000."),
        ({"stream": True}, "data.stream", "is a term of tables of your own"),
        ({"image": {"size": 8}}, "data.image", "is a term of folders of images"),
        ({"sound": {"rat": 8}}, "data.sound.rat", "Did you mean 'rate'?"),
    ],
)
def test_wrong_terms(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Data.of({"name": "digits", **written})
    assert caught.value.where == where
    assert said in str(caught.value)


def test_a_folder_holds_images_or_sounds(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="must be left out where image is written"):
        Data(path=tmp_path, image=ImageTerms(), sound=SoundTerms())
    with pytest.raises(StudyError, match=r"data\.image\.size: must be a whole number from 4"):
        Data.of({"path": str(tmp_path), "image": {"size": 2}})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            {"path": "t.parquet", "stream": "yes"},
            "must be true or false, but got 'yes'. Write true",
        ),
        ({"path": "t.parquet", "stream": 0}, "must be true or false, but got 0. Write false."),
        ({"path": "t.csv", "stream": True}, "needs .npy or .parquet, or a folder of parts"),
        ({"path": "t.npz", "stream": True}, "Save the table as .parquet, or leave stream out."),
        ({"path": "photos", "image": {}, "stream": True}, "not of folders of images"),
    ],
)
def test_what_cannot_be_streamed(written: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Data.of(written)
    assert caught.value.where == "data.stream"
    assert said in str(caught.value)


@pytest.mark.parametrize("path", ["t.parquet", "t.npy", "parts"])
def test_what_can_be_streamed(path: str) -> None:
    for stream in (True, False, np.bool_(True)):
        assert Data.of({"path": path, "stream": stream}).mapping()["stream"] == stream
    assert Data.of({"path": "t.csv", "stream": False}).stream is False
    assert "stream" not in Data.of({"path": path}).mapping()
