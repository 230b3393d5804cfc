"""The comparison as a browser sees it: charts with data, no errors, no request, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium, look, wait

from layerwise.dashboards import report
from layerwise.dashboards.figures import contrast_scores
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.palette import DARK, LIGHT
from layerwise.dashboards.sides import Pair

DRAWN = """return [...document.querySelectorAll('.chart')].map(box => ({
  name: box.id,
  points: (box.data || []).map(t => (t.x || []).length),
  drawn: box.querySelectorAll('.main-svg').length,
}))"""
COLOURS = "return document.getElementById('contrast-ranks-chart').data.map(t => t.marker.color)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium with a profile of its own."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


def opened(browser: Any, page: Path, dark: bool = False, width: int = 1280) -> None:
    """The page, drawn, in a theme and at a width."""
    look(browser, dark, width)
    browser.get(page.as_uri())
    wait(lambda: browser.execute_script("return document.documentElement.dataset.ready"))


@pytest.fixture(scope="module")
def page(crossing: Frames, two_stages: Frames, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = report.of_two(crossing, two_stages)
    return made.write(tmp_path_factory.mktemp("comparison") / "both.html")


def test_every_chart_has_points_and_nothing_is_requested(
    browser: Any, page: Path, crossing: Frames, two_stages: Frames
) -> None:
    opened(browser, page)
    charts = browser.execute_script(DRAWN)
    names = [chart.name for chart in report.of_two(crossing, two_stages).charts]
    assert [chart["name"] for chart in charts] == names
    assert all(chart["drawn"] and chart["points"] and all(chart["points"]) for chart in charts)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource')") == []
    drawn = browser.execute_script(
        "return document.getElementById('contrast-scores-chart').data.slice(0, 2).map(t => t.x[0])"
    )
    row = contrast_scores.table(Pair.of(crossing, two_stages)).iloc[0]
    assert drawn == pytest.approx([row["left"], row["right"]])


def test_it_is_dark_in_the_dark(browser: Any, page: Path) -> None:
    opened(browser, page)
    assert browser.execute_script(COLOURS) == list(LIGHT.categorical[:2])
    opened(browser, page, dark=True)
    assert browser.execute_script(COLOURS) == list(DARK.categorical[:2])
    mark = "return getComputedStyle(document.querySelector('.name.right'), '::before')"
    colour = browser.execute_script(f"{mark}.backgroundColor")
    red, green, blue = (int(DARK.categorical[1][at : at + 2], 16) for at in (1, 3, 5))
    assert colour == f"rgb({red}, {green}, {blue})"


def test_a_phone_scrolls_tables_and_not_the_page(browser: Any, page: Path) -> None:
    opened(browser, page, width=390)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    layout = "return document.getElementById('contrast-effects-0').layout.xaxis3.domain"
    assert browser.execute_script(layout) == [0, 1]


def test_hostile_and_endless_names_do_nothing(
    browser: Any, hostile: Frames, crossing: Frames, tmp_path: Path
) -> None:
    study = {**crossing.study, "study": "endless " * 700, "question": "<b>why</b> " * 500}
    endless = Frames(crossing.runs, crossing.history, study)
    opened(browser, report.of_two(hostile, endless).write(tmp_path / "names.html"), width=390)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.images.length") == 0
    assert browser.execute_script("return document.querySelectorAll('[onclick], td b').length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    texts = browser.execute_script(
        "return [...document.querySelectorAll('.legendtext')].map(t => t.textContent)"
    )
    assert "<img src=x onerror=alert(1)>" in texts
