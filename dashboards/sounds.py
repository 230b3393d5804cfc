"""Sounds as the record has them: spectrograms of what went in and came out, and their waves.

An entry of ``inside`` under "sound" is a sound: its ``name``, ``extent`` [seconds, hertz] (how long
the spectrograms are, and their highest frequency; the first is 0), and by part its ``arrays``:
original and resynthesised (frequencies, frames), magnitudes of 0 or more, corrupted as well where
the sound was corrupted; and, to be heard, original_wave, corrupted_wave, resynthesised_wave (n,) of
−1 to 1, ``rate`` samples a second. Without an original and a resynthesised spectrogram of one shape
the entry is as if it were not there.

Levels are 20 log₁₀ of magnitudes, in dB below the original's loudest, with a floor at ``FLOOR``.
The log-spectral distance of two sounds is the mean over frames of the root of the mean over
frequencies of the squared difference of their levels, in dB (Gray & Markel 1976, IEEE Trans. ASSP
24:380).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .inside import Array, Entry, array, count_of, entries, numbers, shortened
from .memory import remembered

if TYPE_CHECKING:
    from .frames import Frames

KIND = "sound"
PARTS = ("original", "corrupted", "resynthesised")
FLOOR = -80.0
"""dB below the loudest; what is quieter is not heard beside it."""
NAME = 60
"""Characters of a sound's name."""


@dataclass(frozen=True, eq=False)
class Sound:
    """Levels (frequencies, frames) in dB by part, and the waves that are there."""

    entry: Entry
    name: str
    levels: dict[str, Array]
    seconds: float
    hertz: float
    rate: int
    waves: dict[str, Array]

    def distance(self, part: str) -> float:
        """The log-spectral distance of a part from the original, in dB; NaN without that part."""
        if part not in self.levels:
            return float("nan")
        return log_spectral_distance(self.levels["original"], self.levels[part])


def log_spectral_distance(first: Array, second: Array) -> float:
    """Of two arrays (frequencies, frames) of levels in dB."""
    return float(np.sqrt(np.square(first - second).mean(0)).mean())


@remembered
def sounds(frames: Frames) -> list[Sound]:
    """The sounds that are whole, in the record's order."""
    found: list[Sound] = []
    for entry in entries(frames, KIND):
        given = {part: array(frames, entry, part, 2) for part in PARTS}
        whole = {
            part: one
            for part, one in given.items()
            if one is not None and np.isfinite(one).all() and (one >= 0).all()
        }
        original, extent = whole.get("original"), numbers(entry, "extent")
        if original is None or not original.max() > 0 or len(extent) != 2 or min(extent) <= 0:
            continue
        seconds, hertz = extent
        levels = {
            part: _levels(one, float(original.max()))
            for part, one in whole.items()
            if one.shape == original.shape
        }
        if "resynthesised" not in levels:
            continue
        waves = {part: array(frames, entry, f"{part}_wave", 1) for part in PARTS}
        known = {part: wave for part, wave in waves.items() if wave is not None}
        name = shortened(entry.get("name") or f"sound {len(found) + 1}", NAME)
        found.append(Sound(entry, name, levels, seconds, hertz, count_of(entry, "rate"), known))
    return found


def _levels(magnitudes: Array, loudest: float) -> Array:
    """In dB relative to ``loudest``, not below the floor."""
    least = loudest * 10 ** (FLOOR / 20)
    return np.asarray(20 * np.log10(np.maximum(magnitudes, least) / loudest))
