"""The list of studies: what each asked and how it stands, and what to do where there is none."""

from __future__ import annotations

import pandas as pd
from component_trees import cells, links, text

from layerwise.dashboards.app.address import View, view
from layerwise.dashboards.app.studies_page import studies_page
from layerwise.dashboards.app.watch import Listed, Watch

HOSTILE = "<img src=x onerror=alert(1)>"


def test_every_study_is_a_link(watch: Watch) -> None:
    made = studies_page(watch.studies())
    row = next(row for row in cells(made) if row[0] == "crossing")
    assert row[1:4] == ["Do noise, sparsity and contraction help one another?", "finished", "36"]
    assert view(links(made)["crossing"]) == View("crossing")


def test_without_a_study_it_says_how_to_run_one() -> None:
    assert "layerwise run quickstart" in text(studies_page([]))


def test_what_went_wrong_is_said_above() -> None:
    started = pd.Timestamp("2026-03-01 09:05", tz="UTC")
    made = studies_page([Listed(HOSTILE, "", "running", 3, started, "1")], "There is no such.")
    assert "There is no such." in text(made)
    assert cells(made)[1] == [HOSTILE, "–", "running", "3", "1 Mar 2026, 09:05"]
    assert view(links(made)[HOSTILE]) == View(HOSTILE)
