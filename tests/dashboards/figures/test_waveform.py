"""WAV files, read back by the standard library; which of them a page has room for."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.dashboards.figures.waveform import address, characters, fitting, playable, wav


def test_a_file_holds_the_wave() -> None:
    samples = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -7.0])
    with wave.open(io.BytesIO(wav(samples, 8000))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        levels = np.frombuffer(file.readframes(99), "<i2")
    expected = [0, 16384, -16384, 32767, -32767, 32767, -32767]
    np.testing.assert_array_equal(levels, expected)


def test_an_address_is_its_own_content() -> None:
    for n in range(5):
        content = wav(np.zeros(n), 16000)
        head, _, data = address(content).partition(",")
        assert head == "data:audio/wav;base64"
        assert base64.b64decode(data) == content
        assert len(address(content)) == characters(n)


@pytest.mark.parametrize("rate", [0, -1, 2999, 10**9])
def test_what_cannot_be_played(rate: int) -> None:
    assert playable(np.zeros(4), 8000)
    assert not playable(np.zeros(4), rate)
    assert not playable(None, 8000)
    assert not playable(np.array([0.0, np.nan]), 8000)
    assert not playable(np.zeros(0), 8000)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=8), st.integers(0, 20_000))
def test_the_longest_are_left_out(lengths: list[int], most: int) -> None:
    kept = fitting(lengths, most)
    assert kept == sorted(set(kept))
    assert sum(characters(lengths[at]) for at in kept) <= most
    left = [at for at in range(len(lengths)) if at not in kept]
    if left:
        shortest = min(lengths[at] for at in left)
        assert all(lengths[at] <= shortest for at in kept)
        assert sum(characters(lengths[at]) for at in kept) + characters(shortest) > most
