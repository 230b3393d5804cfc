"""A folder of WAV files: rows are frames of their spectrograms, sub-folders are labels."""

from __future__ import annotations

import math
import struct
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from . import files
from .sound import Sound, Wave, to_rows
from .source import Samples

SUFFIXES = (".wav",)


def read(folder: Path, sound: Sound | None = None) -> Samples:
    """All WAV files of a folder in the order of their names, as rows that ``sound`` describes.

    x: (n, frames · frequencies) float32 levels from 0 to 1 (see :mod:`.sound`). groups: (n,) the
    file, from 0; the rows of a file follow each other in its time. Raises DataError for a file that
    is no WAV file, and for a folder without any.
    """
    sound = sound or Sound()
    found = files.of_kind(folder, SUFFIXES, "sounds")
    labels = files.labels(folder, found)
    return from_waves([read_wave(path, sound.rate) for path in found], labels, sound)


def from_waves(waves: list[Wave], labels: NDArray[np.str_] | None, sound: Sound) -> Samples:
    """The rows of clips, of which each is a group of its own. labels: (clips,) or None."""
    rows = [to_rows(wave, sound) for wave in waves]
    groups = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    own = None if labels is None else labels[groups]
    return Samples(np.concatenate(rows), own, groups=groups, sound=sound)


def read_wave(path: Path, rate: int) -> Wave:
    """(samples,) the mean of a WAV file's channels, from −1 to 1, at ``rate`` samples a second.

    Whole numbers of 8, 16, 24 or 32 bits, and floating-point ones; another rate is resampled by a
    polyphase filter. Raises DataError, which names it, for any other file.
    """
    from scipy.io import wavfile  # takes a moment that most data sets need not

    try:
        with warnings.catch_warnings():
            # Chunks that it does not know, such as a title, are nothing to warn of.
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            # A part of a sound is not passed off as all of it.
            warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
            own_rate, recorded = wavfile.read(path)
    except (OSError, EOFError, ValueError, struct.error, wavfile.WavFileWarning) as error:
        rule, remedy = "must be a whole, uncompressed WAV file", "Save it anew as PCM of 16 bits"
        raise DataError(str(path), rule, str(error), remedy) from error
    wave = _full_scale(np.asarray(recorded))
    if wave.ndim == 2:
        wave = wave.mean(1)
    if not len(wave) or own_rate < 1 or not np.isfinite(wave).all():
        got = "no samples" if not len(wave) else f"{own_rate} samples a second, or not a number"
        raise DataError(str(path), "must be a sound of finite numbers", got)
    if own_rate == rate:
        return wave
    from scipy.signal import resample_poly

    common = math.gcd(rate, own_rate)
    resampled: Wave = resample_poly(wave, rate // common, own_rate // common)
    # The filter may overshoot at a jump.
    return np.clip(resampled, -1.0, 1.0)


def _full_scale(recorded: NDArray[np.generic]) -> Wave:
    """The same wave from −1 to 1; 24 bits come in the upper bits of 32."""
    kind = recorded.dtype
    values: Wave = recorded.astype(np.float64)
    if kind == np.uint8:  # 8 bits are the only ones without a sign
        return (values - 128) / 128
    if kind.kind == "i":
        return values / 2.0 ** (8 * kind.itemsize - 1)
    return np.clip(values, -1.0, 1.0)
