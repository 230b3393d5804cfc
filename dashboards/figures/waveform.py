"""A recorded wave as a WAV file, and how many of them a page has room for.

Linear pulse-code modulation, one channel, 16 bit; what is beyond ±1 is cut there (clipped), as a
converter would cut it.
"""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FULL = 32767
LOWEST, HIGHEST = 3_000, 192_000
"""Samples per second that browsers play."""
HEAD = 44
"""Bytes of a file before its samples."""
MOST_CHARACTERS = 2_000_000
"""Of all the sounds of a page, as they are written into it."""


def playable(samples: NDArray[np.float64] | None, rate: int) -> bool:
    """Whether ``samples`` (n,) at so many a second are a sound: none is NaN or infinite."""
    if samples is None or not LOWEST <= rate <= HIGHEST:
        return False
    return bool(samples.ndim == 1 and samples.size and np.isfinite(samples).all())


def wav(samples: NDArray[np.float64], rate: int) -> bytes:
    """The file of ``samples`` (n,), −1 to 1, ``rate`` of them a second."""
    levels = np.round(np.clip(samples, -1, 1) * FULL).astype("<i2")
    into = io.BytesIO()
    with wave.open(into, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(levels.tobytes())
    return into.getvalue()


def address(content: bytes) -> str:
    """A WAV file as an address that is its own content."""
    return f"data:audio/wav;base64,{base64.b64encode(content).decode()}"


def characters(n: int) -> int:
    """How long the address of a sound of ``n`` samples is."""
    return len("data:audio/wav;base64,") + 4 * -(-(HEAD + 2 * n) // 3)


def fitting(lengths: Sequence[int], most: int = MOST_CHARACTERS) -> list[int]:
    """Which sounds of so many samples fit on a page together, the longest left out first."""
    kept = sorted(range(len(lengths)), key=lambda at: (lengths[at], at))
    total = sum(characters(lengths[at]) for at in kept)
    while kept and total > most:
        total -= characters(lengths[kept.pop()])
    return sorted(kept)
