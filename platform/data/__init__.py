"""Data sets: load, check, split, digest.

    from layerwise.platform.data import load, names
    data = load(study.data)
    data.train        # (n, visible) float32

One file for each data set that has a name, one for tables of a person's own.
"""

from __future__ import annotations

from .catalogue import Description, describe, files_to_ship, load, names
from .dataset import DataSet
from .source import DataSource

__all__ = ["DataSet", "DataSource", "Description", "describe", "files_to_ship", "load", "names"]
