"""A folder of WAV files is a data set, whatever they were saved as."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from layerwise.platform.data.sound import Sound, clips, to_rows
from layerwise.platform.data.sound_folder import read, read_wave
from layerwise.platform.errors import DataError


def tone(rate: int, hertz: float = 440.0, seconds: float = 0.25) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def save_24_bits(path: Path, values: np.ndarray) -> None:
    whole = np.round(values * 2**23).astype("<i4")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(8000)
        file.writeframes(b"".join(int(value).to_bytes(3, "little", signed=True) for value in whole))


def test_every_width_is_the_same_wave(tmp_path: Path) -> None:
    own, path = tone(8000), tmp_path / "a.wav"
    for stored, off in (
        (np.round(own * 127 + 128).astype(np.uint8), 2**-6),
        (np.round(own * 2**15).astype(np.int16), 2**-15),
        (np.round(own * 2**31).astype(np.int32), 2**-31),
        (own.astype(np.float32), 2**-23),
        (own, 0),
    ):
        wavfile.write(path, 8000, stored)
        np.testing.assert_allclose(read_wave(path, 8000), own, atol=off)
    save_24_bits(path, own)
    np.testing.assert_allclose(read_wave(path, 8000), own, atol=2**-23)


def test_two_channels_become_their_mean(tmp_path: Path) -> None:
    left, right = tone(8000), tone(8000, 1000.0)
    wavfile.write(tmp_path / "a.wav", 8000, np.stack([left, right], 1))
    np.testing.assert_allclose(read_wave(tmp_path / "a.wav", 8000), (left + right) / 2)


@pytest.mark.parametrize("rate", [4000, 16_000, 22_050, 44_100])
def test_another_rate_is_resampled(tmp_path: Path, rate: int) -> None:
    wavfile.write(tmp_path / "a.wav", rate, tone(rate))
    found, right = read_wave(tmp_path / "a.wav", 8000), tone(8000)
    assert abs(len(found) - len(right)) <= 1
    # The filter needs some samples at both ends.
    np.testing.assert_allclose(found[200:1800], right[200:1800], atol=5e-3)


def test_what_is_too_high_for_the_rate_does_not_fold_back(tmp_path: Path) -> None:
    wavfile.write(tmp_path / "a.wav", 32_000, tone(32_000, hertz=9000))
    assert np.abs(read_wave(tmp_path / "a.wav", 8000)[200:1800]).max() < 0.01


def test_rows_of_a_file_follow_each_other(tmp_path: Path) -> None:
    waves = {"high/b.wav": tone(8000, 2000, 0.3), "low/a.wav": tone(8000, 200)}
    for name, own in waves.items():
        (tmp_path / name).parent.mkdir()
        wavfile.write(tmp_path / name, 8000, own)
    sound = Sound(window=128, hop=32, frames=3)
    samples = read(tmp_path, sound)
    assert samples.sound == sound
    assert samples.groups is not None
    assert samples.labels is not None
    assert samples.x.shape[1] == sound.width == 3 * 65
    assert (samples.x.dtype, samples.scale) == (np.float32, 1.0)
    for clip, own in enumerate(waves.values()):
        np.testing.assert_array_equal(clips(samples.x, samples.groups)[clip], to_rows(own, sound))
    assert samples.labels[samples.groups == 0].tolist() == ["high"] * (samples.groups == 0).sum()
    assert set(samples.labels.tolist()) == {"high", "low"}


@pytest.mark.parametrize(
    "content", [b"", b"words", b"RIFF\x24\0\0\0WAVE", b"RIFF\x24\0\0\0WAVEfmt "]
)
def test_what_is_no_sound_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "voice.wav").write_bytes(content)
    with pytest.raises(DataError, match=r"voice\.wav: must be a whole, uncompressed WAV file"):
        read(tmp_path)


def test_a_file_that_ends_too_early_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.wav"
    wavfile.write(path, 8000, np.round(tone(8000) * 2**15).astype(np.int16))
    path.write_bytes(path.read_bytes()[:1001])
    with pytest.raises(DataError, match=r"half\.wav: must be a whole, uncompressed WAV file"):
        read(tmp_path)


def test_a_sound_without_samples_or_numbers_is_named(tmp_path: Path) -> None:
    wavfile.write(tmp_path / "a.wav", 8000, np.zeros(0, np.int16))
    with pytest.raises(DataError, match="a sound of finite numbers, but got 'no samples'"):
        read(tmp_path)
    wavfile.write(tmp_path / "a.wav", 8000, np.array([0.0, np.nan]))
    with pytest.raises(DataError, match="a sound of finite numbers"):
        read(tmp_path)
