"""How rows of numbers are a sound: frames of its spectrogram, and the way back to a wave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sound:
    """Short-time Fourier magnitudes of a clip, ``frames`` successive windows in a row.

    rate: samples a second. window, hop: of the transform, in samples. frames: windows in a row.
    """

    rate: int
    window: int
    hop: int
    frames: int
