"""Which sections each tab draws of which record, and which stage and axes a page begins with."""

from __future__ import annotations

import pytest

from layerwise.dashboards.app.tabs import OVERVIEW, STAGES, TABS, map_axes, map_chart, stage_of, tab
from layerwise.dashboards.document import sections
from layerwise.dashboards.figures import settings_map
from layerwise.dashboards.frames import Frames


def test_the_tabs_show_every_chart_of_the_report(crossing: Frames) -> None:
    shown = [
        chart.name
        for one in TABS
        for section in one.sections(crossing, "codes")
        for chart in section.charts
    ]
    whole = [chart.name for section in sections(crossing) for chart in section.charts]
    assert sorted(shown) == sorted(whole)


def test_several_stages_stand_side_by_side(crossing: Frames, two_stages: Frames) -> None:
    (section,) = STAGES.sections(two_stages, "second")
    assert [chart.name for chart in section.charts] == ["stages-chart"]
    assert STAGES.sections(crossing, "codes") == []


@pytest.mark.parametrize("scene", ["one_trial", "running", "diverged", "one_seed"])
def test_every_tab_can_be_drawn_of_any_record(scene: str, request: pytest.FixtureRequest) -> None:
    frames: Frames = request.getfixturevalue(scene)
    for one in TABS:
        for section in one.sections(frames, stage_of(frames, "")):
            assert section.charts or section.note


def test_a_name_finds_its_tab() -> None:
    assert tab("trades").title == "Trade-offs"
    assert tab("no such tab") is OVERVIEW
    assert tab("") is OVERVIEW
    assert len({one.name for one in TABS}) == len(TABS)


def test_a_page_begins_with_the_last_stage(two_stages: Frames) -> None:
    assert stage_of(two_stages, "") == "second"
    assert stage_of(two_stages, "first") == "first"
    assert stage_of(two_stages, "no such stage") == "second"
    empty = Frames(two_stages.runs.iloc[:0], two_stages.history, two_stages.study)
    assert stage_of(empty, "second") == ""


def test_axes_are_those_asked_for_where_there_are_such(crossing: Frames) -> None:
    usual = settings_map.default_axes(crossing, "codes")
    assert map_axes(crossing, "codes", "", "no such column") == usual
    asked = ("corruption.level", "validation/jacobian_norm")
    assert map_axes(crossing, "codes", *asked) == asked


def test_the_map_is_the_map_of_all_settings(crossing: Frames) -> None:
    x, y = map_axes(crossing, "codes", "", "")
    settings = frozenset(crossing.runs["setting"].head(2))
    made = map_chart(crossing, "codes", x, y, settings)
    assert len(made.table) == crossing.runs["setting"].nunique()
    assert made.narrow is not None
