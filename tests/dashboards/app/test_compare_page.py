"""The page of two studies: the choice of the other, then the verdict and every difference."""

from __future__ import annotations

from component_trees import of_type, text
from dash import dcc

from layerwise.dashboards import contrast
from layerwise.dashboards.app.address import View
from layerwise.dashboards.app.compare_page import compare_page, compared
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.frames import Frames


def test_another_study_can_be_chosen(crossing: Frames, two_stages: Frames, watch: Watch) -> None:
    made = compare_page(crossing, None, watch.studies(), View("crossing"), Screen())
    (choice,) = of_type(made, dcc.Dropdown)
    names = {one["value"] for one in choice.options}
    assert "crossing" not in names
    assert choice.value is None
    assert "Choose another study." in text(made)
    assert compared(crossing, None) == []


def test_two_studies_are_compared(crossing: Frames, diverged: Frames, watch: Watch) -> None:
    shown = View("crossing", beside="diverged")
    made = compare_page(crossing, diverged, watch.studies(), shown, Screen())
    assert of_type(made, dcc.Dropdown)[0].value == "diverged"
    assert contrast.verdict(crossing, diverged) in text(made)
    charts = [chart for one in compared(crossing, diverged) for chart in one.charts]
    assert len(of_type(made, dcc.Graph)) == len(charts) > 0


def test_a_study_alone_has_nothing_beside_it(crossing: Frames, watch: Watch) -> None:
    only = [one for one in watch.studies() if one.name == "crossing"]
    made = compare_page(crossing, None, only, View("crossing"), Screen())
    assert "no other study" in text(made)
