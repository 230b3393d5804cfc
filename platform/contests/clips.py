"""Held-out clips as a use hears them: their spectra, and what noise makes of them.

Rows of sound hold magnitudes and no phases. Where a wave is needed, phases are those that Griffin
& Lim find for the clip's own magnitudes (:func:`..data.sound.griffin_lim`); noise is added to the
spectrum that both make, so that without noise the very rows come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data import DataSet
from ..data.sound import (
    Magnitudes,
    Sound,
    Spectrum,
    Wave,
    griffin_lim,
    inverse,
    levels,
    spectrum,
    to_magnitudes,
)

Rows = NDArray[np.float32]
"""(rows, width) levels of a clip, in its time."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip of one split. number: its group. label: of its first row, "" without labels."""

    number: int
    label: str
    rows: Rows
    sound: Sound

    @property
    def magnitudes(self) -> Magnitudes:
        """(windows, frequencies), from 0 to 1."""
        return to_magnitudes(self.rows, self.sound)


@dataclass(frozen=True, eq=False)
class Noisy:
    """A clip with white noise. spectrum: of the sum. power: E|N|² of the noise in a frequency."""

    clip: Clip
    spectrum: Spectrum
    power: float

    @property
    def magnitudes(self) -> Magnitudes:
        """(windows, frequencies) of what is heard."""
        return np.asarray(np.abs(self.spectrum))

    def subtracted(self, factor: float, floor: float = 0.0) -> Magnitudes:
        """√max(|Z|² − factor · E|N|², floor · E|N|²): spectral subtraction, the noise being known.

        (Boll 1979, IEEE Trans. ASSP 27:113, of powers; Berouti, Schwartz & Makhoul 1979, ICASSP,
        for factors above 1 and for the floor, which hides what subtraction leaves at random.)
        """
        left = np.square(self.magnitudes) - factor * self.power
        return np.asarray(np.sqrt(np.maximum(left, floor * self.power)))

    def wave(self, magnitudes: Magnitudes) -> Wave:
        """(samples,) of magnitudes (windows, frequencies) with the phases that are heard."""
        return inverse(magnitudes * np.exp(1j * np.angle(self.spectrum)), self.clip.sound)


def of(data: DataSet, split: str) -> Iterator[Clip]:
    """The clips of a split, by their number. The data have groups and sound."""
    assert data.groups is not None
    assert data.sound is not None
    groups, samples = data.groups[split], getattr(data, split)
    labels = data.labels[split] if data.labels else None
    for number in np.unique(groups):
        own = np.flatnonzero(groups == number)
        label = "" if labels is None else str(labels[own[0]])
        yield Clip(int(number), label, samples[own], data.sound)


def to_rows(magnitudes: Magnitudes, sound: Sound) -> Rows:
    """The rows whose magnitudes (rows · frames, frequencies) these are."""
    return levels(magnitudes, sound).astype(np.float32).reshape(-1, sound.width)


def noisy(clip: Clip, snr: float) -> Noisy:
    """The clip and white Gaussian noise whose power is ``snr`` decibels below the clip's mean one.

    The noise is determined by the clip's number.
    """
    sound, magnitudes = clip.sound, clip.magnitudes
    phases = np.angle(spectrum(griffin_lim(magnitudes, sound), sound))
    clean: Spectrum = magnitudes * np.exp(1j * phases)
    wave = inverse(clean, sound)
    variance = float(np.square(wave).mean()) * 10 ** (-snr / 10)
    drawn = np.random.default_rng(clip.number).standard_normal(len(wave))
    noise = spectrum(np.sqrt(variance) * drawn, sound)
    # Of white noise of variance 1, E|N|² is Σw² / (Σw)², which is 3/(2 · window) for Hann's w.
    return Noisy(clip, clean + noise, 1.5 * variance / sound.window)
