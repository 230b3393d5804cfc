"""Cohorts in time."""

from __future__ import annotations

from layerwise.dashboards.figures import cost
from layerwise.dashboards.frames import Frames


def test_a_bar_per_cohort_and_a_colour_per_stage(two_stages: Frames) -> None:
    figure = cost.figure(two_stages)
    assert [trace.name for trace in figure.data] == ["first", "second"]
    assert sum(len(trace.x) for trace in figure.data) == len(cost.table(two_stages)) == 4
    assert len({trace.marker.color for trace in figure.data}) == 2
    assert list(figure.data[0].base) == [0.0, 0.1]
    assert figure.layout.showlegend


def test_nothing_trained(running: Frames) -> None:
    assert cost.table(running).empty
    assert not cost.figure(running).data
