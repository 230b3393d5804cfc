"""The page of a trial: its numbers are the record's, its relatives are links to their pages."""

from __future__ import annotations

from component_trees import cells, links, of_type, text
from dash import html

from layerwise.dashboards.app.address import Between, View, view
from layerwise.dashboards.app.run_page import run_page
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.run_view import view as run_view

SERVER = "https://me:secret@mlflow.example.org"


def page(frames: Frames, key: str, shown: View) -> list[object]:
    return list(run_page(run_view(frames, key), shown, Screen(), SERVER, "7"))


def test_a_trials_measures_are_the_records(crossing: Frames) -> None:
    trial = crossing.runs.iloc[5]
    made = page(crossing, trial["key"], View("crossing"))
    tables = of_type(made, html.Table)
    head, first, *_ = cells(tables[0])
    assert head[:5] == ["measure", "train", "validation", "test", "untrained"]
    assert first[0] == "reconstruction error"
    shown = [float(cell) for cell in first[1:5]]
    names = ("train", "validation", "test", "untrained")
    expected = [trial[f"{name}/reconstruction_error"] for name in names]
    assert shown == [float(f"{value:.4g}") for value in expected]
    settings = {row[2]: row[1] for row in cells(tables[1])}
    assert float(settings["corruption.level"]) == trial["corruption.level"]


def test_parents_and_children_are_links(two_stages: Frames) -> None:
    child = two_stages.runs[two_stages.runs["stage"] == "second"].iloc[0]
    shown = View("two stages", "second", where=(Between("corruption.level", 0.0, 1.0),))
    made = page(two_stages, child["key"], shown)
    assert "What it stands on (1 trial)" in text(made)
    up = [view(href) for href in links(made).values() if "run=" in href]
    assert View("two stages", "first", run=child["parent_key"]) in up
    down = page(two_stages, child["parent_key"], shown.with_(stage="first"))
    assert child["key"] in {view(href).run for href in links(down).values()}
    assert "What stands on it" in text(down)


def test_the_run_in_mlflow_is_named_without_the_password(crossing: Frames) -> None:
    trial = crossing.runs.iloc[0]
    made = page(crossing, trial["key"], View("crossing"))
    (link,) = [one for one in of_type(made, html.A) if "MLflow" in text(one)]
    assert link.href.startswith("https://mlflow.example.org/#/experiments/7/runs/")
    assert trial["run_id"] in link.href
    assert "secret" not in link.href


def test_a_trial_that_diverged_has_a_page(diverged: Frames) -> None:
    lost = diverged.runs[diverged.runs["status"] == "FAILED"].iloc[0]
    made = page(diverged, lost["key"], View("diverged"))
    assert "diverged" in text(made)
