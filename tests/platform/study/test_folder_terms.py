"""How a folder's files become rows, as a study writes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerwise.platform.data.image import Image
from layerwise.platform.data.sound import Sound
from layerwise.platform.errors import StudyError
from layerwise.platform.study.folder_terms import FolderTerms, ImageTerms, SoundTerms


@pytest.mark.parametrize("terms", [ImageTerms(), ImageTerms(64, "rgb"), SoundTerms(16000, 512)])
def test_terms_read_back(terms: FolderTerms) -> None:
    assert type(terms).of(terms.mapping()) == terms
    assert type(terms).of(terms) is terms


def test_what_is_left_out_has_its_default() -> None:
    assert ImageTerms.of({}) == ImageTerms(32, "grey")
    assert SoundTerms.of({"frames": 4}) == SoundTerms(8000, 256, 64, 4)
    assert ImageTerms(np.int64(16)) == ImageTerms(16)  # type: ignore[arg-type]  # what people pass


@pytest.mark.parametrize("terms", [SoundTerms(), SoundTerms(1000, 32, 16, 64)])
def test_a_reader_takes_them(terms: SoundTerms) -> None:
    assert Sound(terms.rate, terms.window, terms.hop, terms.frames).frames == terms.frames
    assert Image(ImageTerms().size, ImageTerms().colour).size == 32


@pytest.mark.parametrize(
    ("kind", "written", "where", "said"),
    [
        (ImageTerms, {"size": 3}, "size", "from 4 to 512"),
        (ImageTerms, {"size": 513}, "size", "from 4 to 512"),
        (ImageTerms, {"size": "32"}, "size", "write 32"),
        (ImageTerms, {"colour": "gray"}, "colour", "Did you mean grey?"),
        (ImageTerms, {"color": "rgb"}, "color", "Did you mean 'colour'?"),
        (ImageTerms, 32, "study", "a mapping with size, colour"),
        (SoundTerms, {"rate": 999}, "rate", "from 1000 to 192000"),
        (SoundTerms, {"window": 300}, "window", "must be a power of two, but got 300. Write 256"),
        (SoundTerms, {"window": 64}, "hop", "at most half of window"),
        (SoundTerms, {"frames": 0}, "frames", "from 1 to 64"),
    ],
)
def test_wrong_terms(kind: type[FolderTerms], written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        kind.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)
