"""What a folder holds says how it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from scipy.io import wavfile

from layerwise.platform.data.folder import read
from layerwise.platform.data.image import Image
from layerwise.platform.data.sound import Sound
from layerwise.platform.errors import DataError


def save_image(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    PIL.Image.new("L", (8, 8), 50).save(path)


def clip(path: Path) -> None:
    wavfile.write(path, 8000, np.zeros(800, np.int16))


def test_images(tmp_path: Path) -> None:
    save_image(tmp_path / "a" / "1.png")
    save_image(tmp_path / "b" / "1.jpg")
    assert read(tmp_path).x.shape == (2, 1024)
    samples = read(tmp_path, Image(4, "rgb"))
    assert (samples.x.shape, samples.channels) == ((2, 48), 3)
    assert samples.labels is not None


def test_tagged_images(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png")
    save_image(tmp_path / "2.png")
    (tmp_path / "tags.csv").write_text("file,tags\n1.png,red\n2.png,red\n")
    assert [kind.name for kind in read(tmp_path, Image(4)).modalities] == ["image", "tags"]


def test_a_table_of_tags_alone_lacks_images(tmp_path: Path) -> None:
    (tmp_path / "tags.csv").write_text("file,tags\n")
    with pytest.raises(DataError, match=r"must hold images beside tags\.csv"):
        read(tmp_path)


def test_sounds(tmp_path: Path) -> None:
    clip(tmp_path / "a.WAV")
    assert read(tmp_path).sound == Sound()
    assert read(tmp_path, sound=Sound(window=128, hop=32)).x.shape == (26, 65)


def test_texts(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("green apples")
    assert read(tmp_path).features == ("apples", "green")


def test_a_mixed_folder_says_what_it_holds(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png")
    clip(tmp_path / "a.wav")
    with pytest.raises(DataError, match=r"but got '1 \.png, 1 \.wav'\. Bring one kind"):
        read(tmp_path)


def test_a_stray_file_is_named(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png")
    (tmp_path / "Makefile").touch()
    with pytest.raises(DataError, match=r"hold nothing else .*Makefile"):
        read(tmp_path)


def test_a_folder_of_nothing_it_knows_says_what_would_be_right(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="but got 'an empty folder'"):
        read(tmp_path)
    (tmp_path / "table.xlsx").touch()
    with pytest.raises(DataError, match=r"'1 \.xlsx'.*tags\.csv .*sub-folders are labels"):
        read(tmp_path)


def test_a_term_that_does_not_concern_it_is_refused(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png")
    with pytest.raises(DataError, match=r"data\.sound: concerns folders of sounds"):
        read(tmp_path, sound=Sound())
