"""130 hits of drums and instruments, half a second each; they come with layerwise.

Labels are the families; a group is a hit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import shipped
from .sound import Sound
from .sound_folder import from_waves
from .source import Samples

NAME = "sounds"
SHAPE = "129 levels of a spectrum from 0 to 1, 8 ms apart"
SAMPLES = 8320
LICENCE = "CC0 1.0"
SOURCE = "Sonic Pi 3.2.2: its samples that are dedicated to the public domain"
REMEDY = "Install layerwise anew"

RATE = 8000
"""Samples a second."""

_FILE = "sounds.npz"


def where() -> Path:
    """Where the file lies: in the package."""
    return shipped.where(_FILE)


def read() -> Samples:
    """All hits, hit by hit in the order of their names: 64 rows of each, in its time.

    Rows are as :class:`.sound.Sound`'s defaults say. Raises DataError when the file is damaged.
    """
    found = shipped.arrays(_FILE, ("audio", "family", "families"))
    labels = np.asarray(found["families"])[found["family"]]
    return from_waves([wave / 32_768 for wave in found["audio"]], labels, Sound(rate=RATE))
