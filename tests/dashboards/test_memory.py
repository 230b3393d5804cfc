"""A derived table is computed once for the same frames and arguments."""

from __future__ import annotations

import pandas as pd

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.memory import remembered


def test_remembered() -> None:
    calls: list[tuple[str, int]] = []

    @remembered
    def derived(frames: Frames, name: str, times: int = 1) -> list[str]:
        """Doc."""
        calls.append((name, times))
        return [name] * times

    first, second = (Frames(pd.DataFrame(), pd.DataFrame(), {}) for _ in range(2))
    assert derived(first, "a") is derived(first, "a")
    derived(first, "a", times=2)
    derived(second, "a")
    assert calls == [("a", 1), ("a", 2), ("a", 1)]
    assert derived.__doc__ == "Doc."
