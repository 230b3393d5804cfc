"""Charts and tables as components: what a reader gets of them, and that names stay text."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from component_trees import cells, links, of_type, text
from dash import dcc, html

from layerwise.dashboards.app.address import Between, View
from layerwise.dashboards.app.components import (
    chart,
    link,
    plain_table,
    players,
    section,
    shown,
)
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.chart import Chart, Section
from layerwise.dashboards.figures.waveform import address
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.stage_sections import ranks

VIEW = View("crossing", where=(Between("corruption.level", 0.0, 0.2),))
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_chart_is_drawn_and_can_be_taken(crossing: Frames) -> None:
    made = ranks(crossing, "codes", 0, "").charts[0]
    drawn = chart(made, VIEW, Screen())
    (graph,) = of_type(drawn, dcc.Graph)
    assert graph.figure["data"] == made.drawing.spec()["data"]
    assert graph.config["showSendToCloud"] is False
    assert made.sentence in text(drawn)
    (file,) = of_type(drawn, html.A)
    where = "?study=crossing&where=corruption.level:0.0..0.2"
    assert file.href == f"numbers/{made.name}.csv{where}"
    assert getattr(of_type(drawn, html.Button)[0], "data-image") == made.name


def test_a_section_has_its_note_and_all_its_charts(crossing: Frames) -> None:
    made = ranks(crossing, "codes", 0, "")
    several = Section("s", HOSTILE, "kind", [*made.charts, *made.charts], "A note.")
    drawn = section(several, VIEW, Screen())
    assert len(of_type(drawn, dcc.Graph)) == 2
    assert text(drawn).startswith(f"{HOSTILE}|A note.|")


def test_a_section_has_its_table_of_texts_above_its_charts() -> None:
    words = pd.DataFrame([["Trials", "9", HOSTILE]], columns=["", "first", HOSTILE])
    drawn = section(Section("s", "Title", "kind", note="A note.", words=words), VIEW, Screen())
    assert cells(drawn) == [["", "first", HOSTILE], ["Trials", "9", HOSTILE]]


def test_a_drawing_without_a_narrow_form_is_shown_as_it_is(crossing: Frames) -> None:
    made = ranks(crossing, "codes", 0, "").charts[0]
    alone = Chart("a", "A", "", made.drawing, pd.DataFrame())
    (graph,) = of_type(chart(alone, VIEW, Screen(narrow=True)), dcc.Graph)
    assert graph.style["height"] == f"{made.drawing.height}px"


def test_a_table_shows_what_is_missing_and_what_is_hostile() -> None:
    frame = pd.DataFrame({HOSTILE: [1.23456789, float("nan"), 3.0], "b": ["x", None, HOSTILE]})
    found = cells(plain_table(frame, "Numbers"))
    assert found == [[HOSTILE, "b"], ["1.235", "x"], ["–", "–"], ["3.000", HOSTILE]]


def test_cells() -> None:
    assert [shown(one) for one in (True, 7, None, 0.5, "a")] == ["yes", "7", "–", "0.5000", "a"]


def test_a_link_leads_to_its_view() -> None:
    found = links(link("there", VIEW.without("corruption.level")))
    assert found == {"there": "?study=crossing"}


def test_sounds_are_heard_below_their_chart(crossing: Frames) -> None:
    made = ranks(crossing, "codes", 0, "").charts[0]
    assert players(made) == []
    heard = players(replace(made, players=[(HOSTILE, b"RIFF"), ("b", b"")]))
    audio = of_type(heard, html.Audio)
    assert [one.src for one in audio] == ["data:audio/wav;base64,UklGRg==", address(b"")]
    assert audio[0].controls is True
    assert getattr(audio[0], "aria-label") == HOSTILE
    assert text(heard) == f"{HOSTILE}|b"
    drawn = chart(replace(made, players=[("a", b"")]), VIEW, Screen())
    assert len(of_type(drawn, html.Audio)) == 1
