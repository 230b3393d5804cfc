"""Images and their tags stand side by side, and a mistake in the table has its line."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

from layerwise.platform.data.image import Image
from layerwise.platform.data.modality import Modality
from layerwise.platform.data.tagged_images import read
from layerwise.platform.errors import DataError

TABLE = "file,tags\na.png,sea sand Sea\nsub/b.png,sand; sun\nc.png,sun;moon\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for number, name in enumerate(("a.png", "sub/b.png", "c.png")):
        PIL.Image.new("L", (4, 4), 10 * number).save(tmp_path / name)
    return tmp_path


def write(folder: Path, table: str) -> Path:
    # As a spreadsheet would.
    (folder / "tags.csv").write_text(table, encoding="utf-8-sig")
    return folder


def flat(folder: Path) -> Path:
    (folder / "sub" / "b.png").rename(folder / "b.png")
    (folder / "sub").rmdir()
    return folder


def test_a_row_is_an_image_and_its_tags(folder: Path) -> None:
    samples = read(write(flat(folder), TABLE.replace("sub/", "")), Image(2))
    assert samples.x.tolist() == [
        [0, 0, 0, 0, 255, 0],
        [10, 10, 10, 10, 255, 255],
        [20, 20, 20, 20, 0, 255],
    ]
    # sea and moon are on one image each.
    assert samples.features == ("grey 0,0", "grey 0,1", "grey 1,0", "grey 1,1", "sand", "sun")
    assert samples.modalities == (Modality("image", 4), Modality("tags", 2))
    assert (samples.image_shape, samples.channels, samples.scale) == ((2, 2), 1, 255.0)
    assert samples.labels is None


def test_sub_folders_are_labels(folder: Path) -> None:
    (folder / "top").mkdir()
    for name in ("a.png", "c.png"):
        (folder / name).rename(folder / "top" / name)
    table = TABLE.replace("a.png", "top\\a.png").replace("c.png", "top/c.png")
    samples = read(write(folder, table), Image(2))
    assert samples.labels is not None
    assert samples.labels.tolist() == ["sub", "top", "top"]


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("file,words\na.png,x\n", r"tags\.csv, line 1: must have the columns file,tags"),
        ("", r"line 1: .*an empty line"),
        (TABLE + "c.png,sea\n", r"line 5: must name each file once, but got 'c\.png'"),
        (TABLE.replace("c.png", "d.png"), r"line 4: must name an image .*'d\.png'"),
        (TABLE.replace("sub/b.png", "sub/bb.png"), r"line 3: .*Did you mean sub/b\.png\?"),
        (TABLE.replace("c.png", "../c.png"), r"line 4: must name an image"),
        (TABLE.replace("c.png", " "), r"line 4: must name a file"),
        (TABLE.replace("sun;moon", ""), r"line 4: must have tags"),
        (TABLE.replace("sun;moon", " ; "), r"line 4: must have tags"),
        (TABLE.replace("sun;moon", "sun,moon"), r"line 4: must have 2 cells.*spaces or ;"),
        (TABLE.replace("sun;moon", '"sun,moon"'), r"line 4: tags must not have commas"),
        (TABLE.replace("c.png,sun;moon\n", ""), r"a line for each image, .*none of c\.png"),
        ("file,tags\na.png,p\nsub/b.png,q\nc.png,r\n", r"a tag that is on 2 images"),
    ],
)
def test_a_mistake_is_named_with_its_line(folder: Path, table: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(write(folder, table), Image(2))


def test_what_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"must have a table tags\.csv"):
        read(folder)
    (folder / "tags.csv").write_bytes(b"file,tags\n\xff\xfe,x\n")
    with pytest.raises(DataError, match="comma-separated text in UTF-8"):
        read(folder)
    (folder / "notes.txt").touch()
    with pytest.raises(DataError, match=r"hold nothing else, but got 'notes\.txt'"):
        read(write(folder, TABLE))
