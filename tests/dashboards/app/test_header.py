"""The bar and the tabs: how a study stands in words, and where each link leads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from component_trees import links, of_type, text
from dash import dcc, html

from layerwise.dashboards.app.address import Between, View, view
from layerwise.dashboards.app.header import bar, navigation, shortened, state
from layerwise.dashboards.app.watch import Snapshot, Watch


@pytest.fixture
def snapshot(watch: Watch) -> Snapshot:
    """The study "crossing" as the dashboard holds it."""
    return watch.snapshot("crossing")


def test_a_running_study_says_how_far_it_is(snapshot: Snapshot) -> None:
    running = replace(snapshot, state="running", planned=48)
    made = state(running)
    assert "running · 36 of 48 trials done" in text(made)
    (progress,) = of_type(made, html.Progress)
    assert (progress.value, progress.max) == ("36", "48")
    unknown = state(replace(running, planned=None))
    assert "running · 36 trials done" in text(unknown)
    assert not of_type(unknown, html.Progress)


def test_a_study_that_ended_says_how(snapshot: Snapshot) -> None:
    assert "finished" in text(state(replace(snapshot, state="finished")))
    assert "interrupted" in text(state(replace(snapshot, state="killed")))
    assert "failures" in text(state(replace(snapshot, state="failed")))


def test_the_bar_offers_every_study(watch: Watch, snapshot: Snapshot) -> None:
    made = bar(View("crossing"), watch.studies(), snapshot)
    (choice,) = of_type(made, dcc.Dropdown)
    assert choice.value == "crossing"
    assert {one["value"] for one in choice.options} == {one.name for one in watch.studies()}
    (report,) = of_type(made, html.A)
    assert report.href == "report.html?study=crossing"
    assert {one.id for one in of_type(made, html.Button)} == {"copy", "theme"}
    assert not of_type(bar(View(), watch.studies(), None), dcc.Dropdown)


def test_a_study_that_the_list_does_not_have_yet_is_offered(snapshot: Snapshot) -> None:
    (choice,) = of_type(bar(View("crossing"), [], snapshot), dcc.Dropdown)
    assert [one["value"] for one in choice.options] == ["crossing"]


def test_a_tab_keeps_what_is_chosen_and_a_stage_does_not() -> None:
    shown = View("s", "first", "trades", run="abc", where=(Between("a", 0.0, 1.0),))
    found = links(navigation(shown, ["first", "second"], "first"))
    assert view(found["Inside the code"]) == View("s", "first", "inside", where=shown.where)
    assert view(found["second"]) == View("s", "second", "trades")
    assert "second" not in links(navigation(shown, ["first"], "first"))


def test_stages_side_by_side_are_for_several_and_have_a_choice_of_their_own() -> None:
    shown = View("s", tab="stages", stages=("first", "second"))
    found = links(navigation(shown, ["first", "second", "third"], "third"))
    assert "Stages" in found
    assert "first" not in found
    assert view(found["Trials"]).stages == shown.stages
    assert "Stages" not in links(navigation(View("s"), ["first"], "first"))
    assert "What it is for" in links(navigation(View("s"), ["first"], "first"))
    assert "What it is for" not in links(navigation(View("s"), ["first"], "first", used=False))
    trial = links(navigation(View("s", tab="stages", run="abc"), ["first", "second"], "first"))
    assert "second" in trial


def test_a_long_name_is_shortened() -> None:
    assert shortened("a" * 5000) == "a" * 59 + "…"
    assert shortened("<b>") == "<b>"
