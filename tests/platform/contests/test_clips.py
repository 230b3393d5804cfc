"""Clips of a split, with noise of a known power and without."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.contests import clips
from layerwise.platform.contests.clips import Clip
from layerwise.platform.data import DataSet
from layerwise.platform.data.sound import Sound, inverse, log_spectral_distance
from layerwise.platform.data.sound_folder import from_waves

RATE = 8000


def tone(hertz: float, samples: int = 4000, loud: float = 0.5) -> np.ndarray:
    return loud * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)


def clip(wave: np.ndarray, sound: Sound | None = None, number: int = 0) -> Clip:
    found = from_waves([wave], None, sound or Sound())
    return Clip(number, "", found.x, sound or Sound())


def test_clips_are_whole_and_in_the_order_of_their_numbers() -> None:
    sound = Sound(frames=2)
    waves = [tone(300), tone(900, 1000), tone(2000)]
    made = from_waves(waves, np.array(["low", "low", "high"]), sound)
    assert made.groups is not None
    assert made.labels is not None
    # Rows of other clips may stand between those of one.
    mixed = np.argsort(np.concatenate([np.arange(n) for n in np.bincount(made.groups)]))
    empty = made.x[:0]
    data = DataSet(
        "tones",
        empty,
        empty,
        made.x[mixed],
        labels=dict.fromkeys(("train", "validation", "test"), made.labels[mixed]),
        groups=dict.fromkeys(("train", "validation", "test"), made.groups[mixed]),
        sound=sound,
    )
    found = list(clips.of(data, "test"))
    assert [one.number for one in found] == [0, 1, 2]
    assert [one.label for one in found] == ["low", "low", "high"]
    assert [len(one.magnitudes) for one in found] == [64, 18, 64]
    for one in found:
        np.testing.assert_array_equal(
            clips.to_rows(one.magnitudes, sound).round(5), one.rows.round(5)
        )


@pytest.mark.parametrize("window", [64, 256])
def test_noise_has_the_power_that_was_asked_for(window: int) -> None:
    sound = Sound(window=window, hop=window // 4)
    quiet = clip(tone(1000, 40_000, 1e-3), sound)
    heard = clips.noisy(quiet, -40.0)
    # Beside noise a hundred times as strong the tone is nothing; edges see less of it.
    middle = np.square(heard.magnitudes[4:-4, 2:-2])
    assert middle.mean() == pytest.approx(heard.power, rel=0.05)
    wave = inverse(heard.spectrum, sound)
    assert np.square(wave).mean() == pytest.approx(1e4 * 0.5e-6, rel=0.05)


def test_the_less_noise_the_nearer_and_without_any_it_is_the_clip() -> None:
    own = clip(tone(700) * np.linspace(1, 0, 4000))
    far = [
        log_spectral_distance(own.magnitudes, clips.noisy(own, snr).magnitudes)
        for snr in (0.0, 20.0, 40.0, 80.0)
    ]
    assert far == sorted(far, reverse=True)
    assert clips.noisy(own, 300.0).magnitudes == pytest.approx(own.magnitudes, abs=1e-9)
    silent = clip(np.zeros(1000))
    assert not clips.noisy(silent, 0.0).magnitudes.any()


def test_noise_belongs_to_the_clip() -> None:
    wave = tone(500)
    first, again, other = (clips.noisy(clip(wave, number=n), 10.0) for n in (3, 3, 4))
    np.testing.assert_array_equal(first.spectrum, again.spectrum)
    assert not np.allclose(first.spectrum, other.spectrum)


def test_subtraction_takes_power_and_no_more_than_there_is() -> None:
    heard = clips.noisy(clip(tone(1000)), 10.0)
    np.testing.assert_allclose(heard.subtracted(0.0), heard.magnitudes)
    left = heard.subtracted(2.0)
    taken = np.square(heard.magnitudes) - np.square(left)
    some = left > 0
    np.testing.assert_allclose(taken[some], 2 * heard.power, rtol=1e-6, atol=1e-12)
    assert (taken[~some] <= 2 * heard.power).all()
    assert some.any()
    assert (~some).any()
    floored = heard.subtracted(2.0, 0.01)
    assert np.square(floored).min() == pytest.approx(0.01 * heard.power)
    assert (floored >= left).all()


def test_a_wave_of_what_is_heard_is_the_noisy_one() -> None:
    heard = clips.noisy(clip(tone(1000)), 10.0)
    expected = inverse(heard.spectrum, heard.clip.sound)
    np.testing.assert_allclose(heard.wave(heard.magnitudes), expected, atol=1e-12)
