"""Filters by strength, zero in the middle of the scale."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards.figures import filters
from layerwise.dashboards.frames import Frames


def test_strongest_first_and_symmetric(crossing: Frames) -> None:
    panel = filters.panels(crossing)[0]
    table = filters.table(crossing, panel)
    assert table["norm"].is_monotonic_decreasing
    assert sorted(table["unit"]) == list(range(32))
    (trace,) = filters.figure(crossing, panel).data
    assert trace.zmin == -trace.zmax
    strongest = crossing.images["best/filters"][table["unit"].iloc[0]]
    np.testing.assert_allclose(np.array(trace.z[0][:8], dtype=float), strongest[0], rtol=1e-3)


def test_no_filters(one_seed: Frames) -> None:
    assert filters.panels(one_seed) == []
