"""The folder of copies that may be deleted at any time: what is in it can be made again."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "LAYERWISE_CACHE"


def cache_folder() -> Path:
    """``$LAYERWISE_CACHE``, else ``layerwise`` in the user's folder for caches; absolute."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "layerwise"
