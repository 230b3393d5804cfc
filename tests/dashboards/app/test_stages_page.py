"""The page of a study's stages: the choice of them, then their columns and their chart."""

from __future__ import annotations

from component_trees import cells, of_type, text
from dash import dcc
from made_stages import renamed

from layerwise.dashboards import stages
from layerwise.dashboards.app.address import View, query, view
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.stages_page import (
    shown_stages,
    side_by_side,
    stages_page,
    ticked,
)
from layerwise.dashboards.frames import Frames

ALL = View("readouts", tab="stages")
BOTH = ("first", "second")


def test_all_stages_are_ticked_until_the_address_says_otherwise(readouts: Frames) -> None:
    made = stages_page(readouts, ALL, Screen())
    (ticks,) = of_type(made, dcc.Checklist)
    assert [one["value"] for one in ticks.options] == list(BOTH)
    assert ticks.value == list(BOTH)
    assert len(of_type(made, dcc.Graph)) == len(side_by_side(readouts, ALL).charts) == 1
    words = stages.in_words(readouts, BOTH)
    assert cells(made) == [["", *BOTH], *words.to_numpy().tolist()]
    assert side_by_side(readouts, ALL).charts[0].sentence in text(made)


def test_one_stage_ticked_waits_for_another(readouts: Frames) -> None:
    made = stages_page(readouts, ALL.with_(stages=("second",)), Screen())
    assert of_type(made, dcc.Checklist)[0].value == ["second"]
    assert "Tick another stage to set beside it." in text(made)
    assert not of_type(made, dcc.Graph)


def test_a_study_of_one_stage_has_nothing_to_tick(crossing: Frames) -> None:
    made = stages_page(crossing, View("crossing", tab="stages"), Screen())
    assert "nothing to set beside it" in text(made)
    assert not of_type(made, dcc.Checklist)


def test_an_address_may_name_what_is_not_there(readouts: Frames) -> None:
    assert shown_stages(readouts, ALL.with_(stages=("no such stage",))) == BOTH
    backwards = ALL.with_(stages=("second", "no such stage", "first"))
    assert shown_stages(readouts, backwards) == BOTH


def test_ticks_become_an_address_that_shows_them(readouts: Frames) -> None:
    one = ticked(readouts, ALL, ["second"])
    assert one.stages == ("second",)
    assert view(query(one)) == one
    assert ticked(readouts, one, ["second"]) is one
    assert ticked(readouts, one, ["second", "first"]) == ALL
    # None ticked would show nothing, which nobody asks for.
    assert ticked(readouts, one, []) == ALL
    # What the address says in other words stays as it is.
    odd = ALL.with_(stages=("second", "first"))
    assert ticked(readouts, odd, list(BOTH)) is odd


def test_a_stage_that_failed_has_its_column(readouts: Frames) -> None:
    lost = readouts.runs["status"].where(readouts.runs["stage"] == "first", "FAILED")
    failed = Frames(readouts.runs.assign(status=lost), readouts.history, readouts.study)
    made = stages_page(failed, ALL, Screen())
    assert "No setting of second has finished" in text(made)
    assert "18, 18 failed" in text(made)
    assert not of_type(made, dcc.Graph)


def test_names_are_text_and_long_ones_are_cut_where_they_are_ticked(readouts: Frames) -> None:
    named = renamed(readouts, {"first": "<img src=x onerror=alert(1)>", "second": "s" * 500})
    made = stages_page(named, ALL, Screen(narrow=True))
    labels = [one["label"] for one in of_type(made, dcc.Checklist)[0].options]
    assert labels == ["<img src=x onerror=alert(1)>", "s" * 59 + "…"]
    assert "<img" not in str(of_type(made, dcc.Graph)[0].figure)
