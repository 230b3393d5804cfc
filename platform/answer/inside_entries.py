"""What is recorded of the inside of networks: entries of study.json, and their arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Inside:
    """Entries of study.json's ``inside`` by kind, and their arrays by name."""

    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, kind: str, entry: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """One more entry, with what it shows by part."""
        found = self.entries.setdefault(kind, [])
        names = {part: f"inside/{kind}/{len(found)}/{part}" for part in arrays}
        found.append({**entry, "arrays": names})
        for part, name in names.items():
            array = arrays[part]
            own = array if array.dtype == np.uint8 else np.asarray(array, dtype=np.float32)
            self.arrays[name] = np.ascontiguousarray(own)
