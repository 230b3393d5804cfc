"""A chart has a wide drawing at least; a section may have none."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from layerwise.dashboards.chart import Chart, Section
from layerwise.dashboards.figures.style import Drawing, drawing


def test_what_may_be_left_out() -> None:
    chart = Chart("name", "Title", "A sentence.", drawing(100), pd.DataFrame({"x": [1]}))
    assert chart.narrow is None


def test_the_narrow_drawing_is_drawn_once_and_only_when_somebody_asks() -> None:
    drawn = []

    def draw() -> Drawing:
        drawn.append(drawing(200))
        return drawn[-1]

    chart = Chart("name", "Title", "A sentence.", drawing(100), pd.DataFrame(), draw)
    assert not drawn
    assert chart.narrow is chart.narrow is drawn[0]
    assert len(drawn) == 1
    assert chart.note == ""
    assert chart.players == []
    assert Section("name", "Title", "kind").charts == []
    assert Section("name", "Title", "kind").words is None
    with pytest.raises(FrozenInstanceError):
        chart.title = "Another"  # type: ignore[misc]
