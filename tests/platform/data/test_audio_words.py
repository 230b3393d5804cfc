"""A recording is a group, and its language its label."""

from __future__ import annotations

import os

import numpy as np
import pytest

from layerwise.platform.data import audio_words
from layerwise.platform.errors import DataError

needs_file = pytest.mark.skipif(
    not os.environ.get("LAYERWISE_DATA"), reason="LAYERWISE_DATA names no folder with the file"
)


def test_without_the_variable_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert audio_words.where() is None
    with pytest.raises(DataError, match=r"audio_words: needs audio_words\.npz"):
        audio_words.read()


@needs_file
def test_rows_are_of_recordings_without_the_silence_after_them() -> None:
    samples = audio_words.read()
    assert samples.sound is not None
    assert samples.x.shape == (audio_words.SAMPLES, samples.sound.width)
    assert samples.groups is not None
    assert samples.labels is not None
    assert (np.diff(samples.groups) >= 0).all()
    clips, first, rows = np.unique(samples.groups, return_index=True, return_counts=True)
    assert len(clips) == 460
    assert rows.min() >= samples.sound.windows(1760)
    assert rows.max() == samples.sound.windows(8000)
    languages, counts = np.unique(samples.labels[first], return_counts=True)
    assert dict(zip(languages.tolist(), counts.tolist(), strict=True)) == dict.fromkeys(
        ("en", "es", "fr", "it", "ru"), 92
    )
