"""Word counts of 1 492 passages of Jane Austen's six novels, 500 words each.

Labels are the novels; the names of their characters give them away.
"""

from __future__ import annotations

from pathlib import Path

from . import data_folder
from .source import Samples

NAME = "austen_counts"
SHAPE = "counts of 2000 words"
SAMPLES = 1492
LICENCE = "public domain"
SOURCE = "Jane Austen's six novels, from the R package janeaustenr 1.0.0"
REMEDY = "Set LAYERWISE_DATA to the folder that holds austen_counts.npz and austen_counts.json"

_FILE, _NAMES = "austen_counts.npz", "austen_counts.json"
_ARRAYS = {"counts": ("uint8", (SAMPLES, 2000)), "novel": ("uint8", (SAMPLES,))}


def where() -> Path | None:
    """Where the file is looked for. None when LAYERWISE_DATA is not set."""
    return data_folder.where(_FILE)


def read() -> Samples:
    """All passages. Raises DataError when a file is missing or damaged."""
    found = data_folder.arrays(NAME, _FILE, _ARRAYS)
    vocabulary = data_folder.words(NAME, _NAMES, "vocab", 2000)
    novels = data_folder.words(NAME, _NAMES, "novels", 6)
    labels = data_folder.chosen(novels, found["novel"])
    return Samples(found["counts"], labels, features=vocabulary)
