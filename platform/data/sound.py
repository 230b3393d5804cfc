"""How rows of numbers are a sound: levels of its short-time spectrum, and the way back to a wave.

A wave x of values from −1 to 1 is cut into windows whose centres are ``hop`` samples apart, of
which the first is the first sample; beyond its ends the wave is silent. With w the periodic Hann
window of ``window`` samples,

    S[t, k] = Σ_n w[n] x[t·hop − window/2 + n] exp(−2πi kn / window) / Σ_n w[n],  k = 0 … window/2,

so that |S| is at most 1, which only a constant wave of 1 reaches; a sine of amplitude 1 has 1/2.
Its level is

    v = log(1 + |S|/f) / log(1 + 1/f),        f = 10^(floor_db/20),

from 0 (silence) to 1: a scale of decibels above the floor f, linear below it, and nothing is cut
off, so that magnitudes come back. A row is ``frames`` successive windows, window after window, each
from the lowest frequency to the highest, in steps of 2⁻¹⁶ (a thousandth of a decibel). Rows do not
overlap, the last one of a clip is filled with silence: the rows of a clip, in their order, are its
spectrum.

With its phases a spectrum is the wave again, exactly: windows are added, each multiplied by w once
more, and divided by the sum of the w² that fell on a sample (Griffin & Lim 1984, eq. 6).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

Wave = NDArray[np.float64]
"""(samples,) from −1 to 1."""
Spectrum = NDArray[np.complex128]
"""(windows, frequencies) S of above."""
Magnitudes = NDArray[np.float64]
"""(windows, frequencies) |S|, from 0 to 1."""

_DB = 20 / math.log(10)
_STEPS = 2.0**16


@dataclass(frozen=True)
class Sound:
    """Short-time Fourier magnitudes of a clip, ``frames`` successive windows in a row.

    rate: samples a second. window, hop: of the transform, in samples; the window is even, at least
    two hops long. frames: windows in a row. floor_db: where levels turn from linear to logarithmic,
    in decibels of full scale, below 0. Raises DataError for anything else.
    """

    rate: int = 8000
    window: int = 256
    hop: int = 64
    frames: int = 1
    floor_db: float = -80.0

    def __post_init__(self) -> None:
        for name, least, most in _RANGES:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                rule = f"must be a whole number from {least} to {most}"
                raise DataError(f"data.sound.{name}", rule, value)
        if self.window % 2:
            remedy = "A power of two is fastest"
            raise DataError("data.sound.window", "must be even", self.window, remedy)
        if 2 * self.hop > self.window:
            rule = "must be at most half a window, or no sound can be made of the rows"
            remedy = f"Write {self.window // 4}, a quarter of the window"
            raise DataError("data.sound.hop", rule, self.hop, remedy)
        if not -200 <= self.floor_db < 0:
            raise DataError("data.sound.floor_db", "must be from -200 to below 0", self.floor_db)

    @property
    def frequencies(self) -> int:
        """Of a window: from 0 to half the rate, both included."""
        return self.window // 2 + 1

    @property
    def width(self) -> int:
        """Inputs of a row."""
        return self.frames * self.frequencies

    def windows(self, samples: int) -> int:
        """Windows of a wave of so many samples, until the last sample is between two centres."""
        return 1 + math.ceil(max(samples - 1, 0) / self.hop)

    @property
    def floor(self) -> float:
        """``floor_db`` as a magnitude."""
        return float(10 ** (self.floor_db / 20))


_RANGES = (
    ("rate", 1000, 192_000),
    ("window", 8, 65_536),
    ("hop", 1, 32_768),
    ("frames", 1, 10_000),
)


def spectrum(wave: NDArray[np.floating], sound: Sound) -> Spectrum:
    """(windows, frequencies) of a wave (samples,) from −1 to 1."""
    count, half = sound.windows(len(wave)), sound.window // 2
    padded = np.zeros((count - 1) * sound.hop + sound.window)
    padded[half : half + len(wave)] = wave
    cut = np.lib.stride_tricks.sliding_window_view(padded, sound.window)[:: sound.hop]
    hann = _hann(sound.window)
    found: Spectrum = np.fft.rfft(cut * hann, axis=1) / hann.sum()
    return found


def inverse(spectrum: Spectrum, sound: Sound, samples: int | None = None) -> Wave:
    """The wave (samples,) whose spectrum is nearest in the sense of least squares.

    samples: of the wave, as far as the last window's centre when left out; it is not limited to
    −1 … 1. Of the spectrum of a wave it is that wave, up to rounding.
    """
    count, half = len(spectrum), sound.window // 2
    hann = _hann(sound.window)
    parts = np.fft.irfft(spectrum * hann.sum(), sound.window, axis=1) * hann
    added = _overlapped(parts, sound.hop)
    weight = _weight(count, sound.window, sound.hop)
    samples = (count - 1) * sound.hop + 1 if samples is None else samples
    wave: Wave = np.zeros(samples)
    inside = slice(half, min(half + samples, len(added)))
    wave[: inside.stop - half] = added[inside] / np.maximum(weight[inside], 1e-12)
    return wave


def levels(magnitudes: NDArray[np.floating], sound: Sound) -> NDArray[np.float64]:
    """v of |S|, of the same shape: from 0 to 1."""
    ratio = np.asarray(magnitudes, np.float64) / sound.floor
    found: NDArray[np.float64] = np.log1p(ratio) / math.log1p(1 / sound.floor)
    return found


def to_rows(wave: NDArray[np.floating], sound: Sound) -> NDArray[np.float32]:
    """(rows, width) levels from 0 to 1 of a wave (samples,) from −1 to 1."""
    own = levels(np.abs(spectrum(wave, sound)), sound)
    rows = -(-len(own) // sound.frames)
    filled = np.zeros((rows * sound.frames, sound.frequencies), np.float32)
    # In steps, so that every machine finds the same rows, however its Fourier transform rounds.
    filled[: len(own)] = np.rint(own * _STEPS) / _STEPS
    return filled.reshape(rows, sound.width)


def to_magnitudes(rows: NDArray[np.floating], sound: Sound) -> Magnitudes:
    """(rows · frames, frequencies) |S| of the rows of a clip in their order.

    rows: (rows, width) levels; below 0 they count as 0, above 1 as 1. Raises DataError for another
    width.
    """
    if rows.ndim != 2 or rows.shape[1] != sound.width:
        rule = f"must have {sound.width} inputs: {sound.frames} windows of {sound.frequencies}"
        raise DataError("rows of a sound", rule, f"shape {rows.shape}")
    own = np.clip(np.asarray(rows, np.float64), 0, 1).reshape(-1, sound.frequencies)
    found: Magnitudes = sound.floor * np.expm1(own * math.log1p(1 / sound.floor))
    return found


def clips(rows: NDArray[np.floating], groups: NDArray[np.int64]) -> dict[int, NDArray[np.floating]]:
    """Clip → its rows, as they follow each other in (n, width) ``rows``; groups: (n,) the clip."""
    return {int(group): rows[groups == group] for group in np.unique(groups)}


def griffin_lim(
    magnitudes: Magnitudes,
    sound: Sound,
    samples: int | None = None,
    iterations: int = 60,
    momentum: float = 0.99,
    seed: int = 0,
) -> Wave:
    """A wave (samples,) whose spectrum has nearly these magnitudes, where phases are not known.

    Phases are drawn by ``seed``; each iteration takes those of the wave that the spectrum makes
    (Griffin & Lim 1984, IEEE Trans. ASSP 32:236), from a point ``momentum`` beyond its last step
    (Perraudin, Balazs & Søndergaard 2013, WASPAA; 0 is the original, 0.99 their choice).
    """
    angles = np.random.default_rng(seed).uniform(-np.pi, np.pi, magnitudes.shape)
    estimate = magnitudes * np.exp(1j * angles)
    count = len(magnitudes)
    # As far as the windows reach: a shorter wave would lose what lies beyond the last centre.
    most = (count - 1) * sound.hop + 1
    last = np.zeros_like(estimate)
    for _ in range(iterations):
        consistent = spectrum(inverse(estimate, sound, most), sound)
        ahead = consistent + momentum * (consistent - last)
        last = consistent
        size = np.abs(ahead)
        turned = np.divide(ahead, size, out=np.ones_like(ahead), where=size > 1e-16)
        estimate = magnitudes * turned
    return inverse(estimate, sound, samples)


def log_spectral_distance(first: Magnitudes, second: Magnitudes, floor_db: float = -80.0) -> float:
    """How far two sounds are apart, in decibels: 0 for the same one.

    The root of the mean over frequencies of the squared difference of their levels, its mean over
    windows (Gray & Markel 1976, IEEE Trans. ASSP 24:380). first, second: (windows, frequencies) of
    one shape, else DataError. Levels are 20 log₁₀ of magnitudes below the loudest of ``first``;
    what is below ``floor_db`` counts as if it were there, since nobody hears it.
    """
    if first.shape != second.shape:
        rule = f"must be of one shape, {first.shape}"
        raise DataError("log-spectral distance", rule, second.shape)
    loudest = float(first.max(initial=0.0)) or 1.0
    least = loudest * 10 ** (floor_db / 20)
    one, other = (_DB * np.log(np.maximum(own, least)) for own in (first, second))
    return float(np.sqrt(np.square(one - other).mean(1)).mean())


@functools.cache
def _hann(window: int) -> NDArray[np.float64]:
    # Periodic: of the symmetric one, shifted copies do not add up to a constant.
    hann: NDArray[np.float64] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    hann.flags.writeable = False
    return hann


@functools.lru_cache(maxsize=64)
def _weight(count: int, window: int, hop: int) -> NDArray[np.float64]:
    weight = _overlapped(np.tile(_hann(window) ** 2, (count, 1)), hop)
    weight.flags.writeable = False
    return weight


def _overlapped(parts: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    """((windows − 1) · hop + window,) the sum of the parts (windows, window), each a hop later."""
    count, window = parts.shape
    pieces = -(-window // hop)
    # Piece by piece: the pieces of one number, one from each part, do not overlap.
    filled = np.zeros((count, pieces * hop))
    filled[:, :window] = parts
    added = np.zeros((count + pieces - 1, hop))
    for piece in range(pieces):
        added[piece : piece + count] += filled[:, piece * hop : (piece + 1) * hop]
    whole: NDArray[np.float64] = added.reshape(-1)[: (count - 1) * hop + window]
    return whole
