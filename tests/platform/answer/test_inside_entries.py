"""Entries and their arrays, each under a name of its own."""

from __future__ import annotations

import numpy as np

from layerwise.platform.answer.inside_entries import Inside


def test_entries_of_a_kind_are_numbered() -> None:
    found = Inside()
    found.add("sound", {"name": "first"}, {"wave": np.zeros(3)})
    found.add("sound", {"name": "second"}, {"wave": np.ones(4), "image": np.ones(2, np.uint8)})
    assert [entry["name"] for entry in found.entries["sound"]] == ["first", "second"]
    second = found.entries["sound"][1]["arrays"]
    assert found.arrays[second["wave"]].tolist() == [1, 1, 1, 1]
    assert found.arrays[second["wave"]].dtype == np.float32
    assert found.arrays[second["image"]].dtype == np.uint8
    assert len(found.arrays) == 3
