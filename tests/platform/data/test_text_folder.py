"""A folder of texts is a data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.data.text_folder import read
from layerwise.platform.errors import DataError


def write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8-sig")
    return folder


def test_rows_are_counts_of_the_words_that_texts_share(tmp_path: Path) -> None:
    texts = {"sea/b.txt": "Wave wave, ship.", "sea/a.txt": "ship", "land/c.txt": "tree wave"}
    samples = read(write(tmp_path, texts))
    assert samples.features == ("ship", "wave")
    assert samples.x.tolist() == [[0, 1], [1, 0], [1, 2]]
    assert samples.labels is not None
    assert samples.labels.tolist() == ["land", "sea", "sea"]


def test_texts_that_share_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"words that are in 2 texts.*Bring more than 2 texts"):
        read(write(tmp_path, {"a.txt": "one word", "b.txt": "another thing"}))


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(DataError, match=r"a\.txt: must be text in UTF-8"):
        read(tmp_path)
