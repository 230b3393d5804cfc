"""A sound is the same after its spectrum, its rows, and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.platform.data import sounds
from layerwise.platform.data.shipped import arrays
from layerwise.platform.data.sound import (
    Sound,
    clips,
    griffin_lim,
    inverse,
    levels,
    log_spectral_distance,
    spectrum,
    to_magnitudes,
    to_rows,
)
from layerwise.platform.errors import DataError


@pytest.fixture(scope="module")
def snare() -> np.ndarray:
    """A drum: noise, and a tone that dies away."""
    found = arrays("sounds.npz", ("audio", "names"))
    wave: np.ndarray = found["audio"][found["names"].tolist().index("sn_dub")] / 32_768
    return wave


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(1, 3000),
    half=st.integers(4, 200),
    share=st.integers(1, 16),
    frames=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_overlap_and_add_is_exact(
    samples: int, half: int, share: int, frames: int, seed: int
) -> None:
    sound = Sound(window=2 * half, hop=max(1, half // share), frames=frames)
    wave = np.random.default_rng(seed).uniform(-1, 1, samples)
    own = spectrum(wave, sound)
    assert own.shape == (sound.windows(samples), sound.frequencies)
    assert np.abs(own).max() <= 1 + 1e-12
    np.testing.assert_allclose(inverse(own, sound, samples), wave, atol=1e-10)
    # And the magnitudes lose nothing in the rows but their steps, whatever the phases.
    again = to_magnitudes(to_rows(wave, sound), sound)
    np.testing.assert_allclose(again[: len(own)], np.abs(own), rtol=1e-4, atol=1e-8)
    assert not again[len(own) :].any()
    assert len(again) - len(own) < frames


def test_a_sine_is_half_its_amplitude_in_its_own_frequency() -> None:
    sound = Sound()
    wave = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(4000) / sound.rate)
    middle = np.abs(spectrum(wave, sound))[30]
    # 1000 Hz is number 32; the Hann window gives its neighbours half, and no others anything.
    assert middle[32] == pytest.approx(0.4, rel=1e-6)
    assert middle[[31, 33]] == pytest.approx([0.2, 0.2], rel=1e-6)
    assert np.delete(middle, [31, 32, 33]).max() < 1e-12


def test_levels_are_decibels_above_the_floor_and_linear_below() -> None:
    sound = Sound(floor_db=-60.0)
    assert levels(np.array([0.0, 1.0]), sound) == pytest.approx([0.0, 1.0])
    per_decibel = np.diff(levels(np.array([0.1, 1.0]), sound))[0] / 20
    assert per_decibel == pytest.approx(1 / (20 * math.log10(1001)), rel=0.01)
    assert levels(np.array([1e-6]), sound) == pytest.approx(1e-3 / math.log(1001), rel=1e-3)


def test_with_the_phases_rows_are_the_wave_again(snare: np.ndarray) -> None:
    sound = Sound(frames=7)
    own = spectrum(snare, sound)
    magnitudes = to_magnitudes(to_rows(snare, sound), sound)[: len(own)]
    again = inverse(magnitudes * np.exp(1j * np.angle(own)), sound, len(snare))
    np.testing.assert_allclose(again, snare, atol=1e-4)


def test_without_the_phases_the_fast_variant_comes_nearer(snare: np.ndarray) -> None:
    sound = Sound()
    magnitudes = np.abs(spectrum(snare, sound))

    def off(iterations: int, momentum: float) -> float:
        wave = griffin_lim(magnitudes, sound, len(snare), iterations, momentum)
        assert wave.shape == snare.shape
        found = np.abs(spectrum(wave, sound))
        return float(np.linalg.norm(found - magnitudes) / np.linalg.norm(magnitudes))

    # Griffin & Lim's theorem: the error never grows.
    errors = [off(iterations, 0.0) for iterations in (1, 5, 20, 60)]
    assert errors == sorted(errors, reverse=True)
    assert off(60, 0.99) < 0.6 * errors[-1]
    assert off(60, 0.99) < 0.1


def test_phases_come_from_the_seed(snare: np.ndarray) -> None:
    sound = Sound()
    magnitudes = np.abs(spectrum(snare, sound))
    one, same, other = (
        griffin_lim(magnitudes, sound, seed=seed, iterations=3) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01


def test_rows_are_whole_steps_that_float32_holds(snare: np.ndarray) -> None:
    steps = to_rows(snare, Sound()).astype(np.float64) * 2**16
    np.testing.assert_array_equal(steps, np.round(steps))
    # What another Fourier transform may round differently makes no other row.
    np.testing.assert_array_equal(to_rows(snare * (1 + 1e-15), Sound()) * 2**16, steps)


def test_silence_stays_silent() -> None:
    sound = Sound()
    rows = to_rows(np.zeros(1000), sound)
    assert not rows.any()
    assert not griffin_lim(to_magnitudes(rows, sound), sound).any()


def test_distance_of_a_louder_sound_is_its_gain() -> None:
    magnitudes = np.random.default_rng(0).uniform(0.01, 0.1, (9, 17))
    assert log_spectral_distance(magnitudes, magnitudes) == 0
    assert log_spectral_distance(magnitudes, 2 * magnitudes) == pytest.approx(20 * math.log10(2))
    # One of the 17 frequencies 20 dB lower, in one of nine windows.
    changed = magnitudes.copy()
    changed[3, 5] /= 10
    assert log_spectral_distance(magnitudes, changed) == pytest.approx(20 / math.sqrt(17) / 9)
    # Nobody hears what is 80 dB below the loudest.
    quiet = magnitudes.copy()
    quiet[:, 0] = 0
    assert log_spectral_distance(quiet, np.maximum(quiet, 1e-6)) == 0
    with pytest.raises(DataError, match=r"one shape, \(9, 17\)"):
        log_spectral_distance(magnitudes, magnitudes[:3])


def test_a_clip_is_put_together_from_its_rows() -> None:
    samples = sounds.read()
    assert samples.groups is not None
    assert samples.sound is not None
    # Some clips, as a split leaves them: rows in ascending order.
    rows = np.flatnonzero(np.isin(samples.groups, [4, 77]))
    found = clips(samples[rows][0], samples.groups[rows])
    audio = arrays("sounds.npz", ("audio",))["audio"] / 32_768
    for clip in (4, 77):
        own = spectrum(audio[clip], samples.sound)
        magnitudes = to_magnitudes(found[clip], samples.sound)
        again = inverse(magnitudes * np.exp(1j * np.angle(own)), samples.sound, 4000)
        np.testing.assert_allclose(again, audio[clip], atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"hop": 200}, r"data\.sound\.hop: must be at most half a window.*Write 64"),
        ({"window": 255}, r"data\.sound\.window: must be even"),
        ({"rate": 8000.0}, r"data\.sound\.rate: must be a whole number"),
        ({"frames": 0}, r"data\.sound\.frames: .* from 1 to 10000"),
        ({"floor_db": 3.0}, r"data\.sound\.floor_db: must be from -200"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, float], match: str) -> None:
    with pytest.raises(DataError, match=match):
        Sound(**settings)  # type: ignore[arg-type]


def test_rows_of_another_sound_are_refused() -> None:
    with pytest.raises(DataError, match="must have 258 inputs: 2 windows of 129"):
        to_magnitudes(np.zeros((3, 129)), Sound(frames=2))
