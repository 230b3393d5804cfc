"""The dashboard as a reader has it: driven in a browser, over HTTP, on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from chromium import chromium, look, requested, wait
from growing_study import Growing

from layerwise.dashboards import stages
from layerwise.dashboards.app.address import Between, View, query, view
from layerwise.dashboards.app.selection import chosen
from layerwise.dashboards.app.server import build
from layerwise.dashboards.app.serving import Listening
from layerwise.dashboards.app.tabs import TABS
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.effects import effect
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.palette import DARK, LIGHT

ERROR = "validation/reconstruction_error"
# Names and numbers of points of the charts; no answer while one of them is being drawn.
DRAWN = """
const page = document.getElementById('page');
if (!page || page.dataset.view !== arguments[0]) return null;
const charts = [...page.querySelectorAll('[data-chart]')].map(figure => {
  const box = figure.querySelector('.js-plotly-plot');
  return {
    name: figure.dataset.chart,
    drawn: box ? box.querySelectorAll('.main-svg').length : 0,
    points: ((box && box.data) || []).map(t => (t.z ? t.z.flat() : t.x || []).length),
  };
});
return charts.every(one => one.drawn) ? charts : null;
"""
RANKING = "const box = document.querySelector('[data-chart=\"ranking-0-chart\"] .js-plotly-plot');"
RANKED = f"""{RANKING}
return box && box.data ? box.data.flatMap(trace => trace.y).sort((a, b) => a - b) : null;
"""
GO = """
history.pushState({}, '', arguments[0]);
dispatchEvent(new CustomEvent('_dashprivate_pushstate'));
"""
PRESS = {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="module")
def address(watch: Watch, two_stages: Frames, diverged: Frames) -> Iterator[str]:
    """Where the dashboard of the store is served."""
    with Listening(build(watch, "127.0.0.1", None).server, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.port}/"


def opened(browser: Any, address: str, shown: View, **screen: Any) -> list[dict[str, Any]]:
    """The charts of a view, loaded anew and drawn."""
    look(browser, **screen)
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(f"{address}{query(shown)}")
    return charts(browser, shown)


def followed(browser: Any, shown: View) -> list[dict[str, Any]]:
    """The charts of a view that the page goes to as if by a link, without being loaded anew."""
    browser.execute_script(GO, query(shown))
    return charts(browser, shown)


def charts(browser: Any, shown: View) -> list[dict[str, Any]]:
    """The charts of a view to which the page is on its way."""
    wait(lambda: browser.execute_script(DRAWN, query(shown)) is not None)
    found: list[dict[str, Any]] = browser.execute_script(DRAWN, query(shown))
    return found


def now(browser: Any) -> View:
    """The view that the browser's address is of."""
    return view(browser.execute_script("return location.search"))


def test_every_tab_is_drawn_with_data_and_nothing_is_logged(browser: Any, address: str) -> None:
    requested(browser)
    opened(browser, address, View("crossing"))
    for tab in TABS:
        found = followed(browser, View("crossing", tab=tab.name, beside="diverged"))
        # "crossing" has one stage, and does not say what its networks are for.
        assert found or tab.name in ("trials", "stages", "uses")
        for chart in found:
            assert any(chart["points"]), chart["name"]
    assert browser.get_log("browser") == []
    asked = [url for url in requested(browser) if url.startswith(("http", "ws"))]
    assert asked
    assert [url for url in asked if not url.startswith(address)] == []


def test_the_drawn_numbers_are_the_frames_numbers(
    browser: Any, address: str, crossing: Frames
) -> None:
    opened(browser, address, View("crossing"))
    drawn = browser.execute_script(
        "return document.querySelector('[data-chart=\"effects-0-0\"] .js-plotly-plot').data[1].y"
    )
    table = effect(crossing, "codes", "corruption.level", ERROR).table
    assert drawn == pytest.approx(list(table[table["view"] == "average"]["mean"]))


def test_a_brush_in_the_map_changes_the_other_charts(
    browser: Any, address: str, crossing: Frames
) -> None:
    opened(browser, address, View("crossing"))
    before = browser.execute_script(RANKED)
    box = browser.execute_script(
        "const plot = document.querySelector('#map .nsewdrag');"
        "plot.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const r = plot.getBoundingClientRect();"
        "return [r.left, r.top, r.width, r.height]"
    )
    # The lower left quarter of the plot.
    left, top, width, height = box
    path = [(left + 4, top + height - 4), (left + width / 4, top + 0.7 * height)]
    path.append((left + 0.5 * width, top + height / 2))
    for kind, (x, y) in zip(
        ("mousePressed", "mouseMoved", "mouseMoved", "mouseReleased"),
        (path[0], path[1], path[2], path[2]),
        strict=True,
    ):
        browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1},
        )
    wait(lambda: now(browser).where)
    shown = now(browser)
    assert len(shown.where) == 2
    settings = chosen(crossing, "codes", shown.where)
    assert settings
    assert len(settings) < crossing.runs["setting"].nunique()
    charts(browser, shown)
    means = crossing.runs.groupby("setting")[ERROR].mean()
    expected = sorted(means[list(settings)])
    wait(lambda: len(browser.execute_script(RANKED)) == len(expected))
    assert browser.execute_script(RANKED) == pytest.approx(expected)
    assert len(before) == len(means)
    # The address is the view: opened elsewhere it shows the same.
    opened(browser, address, shown)
    assert browser.execute_script(RANKED) == pytest.approx(expected)
    browser.execute_script("document.querySelector('.chip.all').click()")
    charts(browser, shown.with_(where=()))
    wait(lambda: len(browser.execute_script(RANKED)) == len(before))


def test_a_tick_narrows_and_the_back_button_widens(browser: Any, address: str) -> None:
    opened(browser, address, View("crossing"))
    marked = browser.execute_script(
        "const all = [...document.querySelectorAll('.js-plotly-plot')];"
        "all.forEach(box => { box.dataset.kept = 1; }); return all.length"
    )
    browser.execute_script("document.querySelector('#filters input[value=\"0.001\"]').click()")
    wait(lambda: now(browser).where)
    shown = now(browser)
    charts(browser, shown)
    assert "8 of 12 settings" in browser.find_element("id", "main").text
    # The charts stand where they stood, so that nothing blinks.
    kept = "return document.querySelectorAll('.js-plotly-plot[data-kept]').length"
    assert browser.execute_script(kept) == marked
    browser.back()
    charts(browser, View("crossing"))
    assert now(browser).where == ()


def test_a_mark_opens_its_trial_and_its_parent_is_a_link(browser: Any, address: str) -> None:
    opened(browser, address, View("two stages"))
    at = browser.execute_script(
        "const mark = document.querySelector('#map .points path');"
        "mark.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const r = mark.getBoundingClientRect();"
        "return [r.left + r.width / 2, r.top + r.height / 2]"
    )

    def mouse(kind: str) -> None:
        browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1},
        )

    mouse("mouseMoved")
    wait(lambda: browser.execute_script("return document.querySelector('#map .hovertext')"))
    mouse("mousePressed")
    mouse("mouseReleased")
    wait(lambda: now(browser).run)
    wait(lambda: "What it stands on" in browser.find_element("id", "page").text)
    browser.execute_script("document.querySelector('.steps a').click()")
    wait(lambda: now(browser).stage == "first")
    wait(lambda: "What stands on it" in browser.find_element("id", "page").text)


def test_stages_are_ticked_to_stand_side_by_side(
    browser: Any, address: str, two_stages: Frames
) -> None:
    drawn = "return document.querySelector('[data-chart=\"stages-chart\"] .js-plotly-plot').data"
    press = "document.querySelector(`#side-by-side input[value='${arguments[0]}']`).click()"
    whole = View("two stages", tab="stages")
    (chart,) = opened(browser, address, whole)
    assert chart["name"] == "stages-chart"
    table = stages.table(two_stages, ("first", "second"))
    marks = [one for one in browser.execute_script(drawn) if "text" in one]
    assert [y for one in marks for y in one["y"]] == pytest.approx(
        [y for _, own in table.groupby("metric", sort=False) for y in own["mean"]]
    )
    browser.execute_script(press, "first")
    wait(lambda: now(browser) == whole.with_(stages=("second",)))
    wait(lambda: "Tick another stage" in browser.find_element("id", "main").text)
    browser.execute_script(press, "first")
    wait(lambda: now(browser) == whole)
    charts(browser, whole)
    assert browser.get_log("browser") == []


def test_new_trials_of_a_running_study_appear(
    browser: Any, address: str, home: Path, tracking_uri: str
) -> None:
    growing = Growing(tracking_uri, home, "growing in sight", **{"layerwise.planned": "9"})
    growing.add(0, 1, 2)
    opened(browser, address, View("growing in sight"))
    bar = browser.find_element("id", "bar")
    wait(lambda: "running · 3 of 9 trials done" in bar.text)
    growing.add(3, 4, 5)
    wait(lambda: "running · 6 of 9 trials done" in bar.text)
    growing.add(6, 7, 8)
    growing.finish(*range(9))
    wait(lambda: "finished" in bar.text)
    wait(lambda: "3 seeds" in browser.find_element("id", "main").text)
    assert browser.get_log("browser") == []


def test_the_theme_follows_the_system_until_the_reader_chooses(browser: Any, address: str) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    marker = f"{RANKING} return box && box.data && box.data[0].marker.color"
    opened(browser, address, View("crossing"))
    assert browser.execute_script(marker) == LIGHT.categorical[0]
    look(browser, dark=True)
    wait(lambda: browser.execute_script(marker) == DARK.categorical[0])
    assert browser.execute_script(colour) == "rgb(21, 24, 28)"
    browser.execute_script("document.getElementById('theme').click()")
    wait(lambda: browser.execute_script(marker) == LIGHT.categorical[0])
    said = "return document.getElementById('theme').textContent"
    assert browser.execute_script(said) == "Theme: light"
    # A choice outlives the page.
    opened(browser, address, View("crossing"), dark=True)
    assert browser.execute_script(marker) == LIGHT.categorical[0]
    browser.execute_script("localStorage.clear()")


def test_a_phone_has_narrow_charts_and_no_sideways_scrolling(browser: Any, address: str) -> None:
    opened(browser, address, View("crossing"), width=390)
    assert not browser.execute_script("return document.getElementById('filter-box').open")
    for tab in ("overview", "trials", "inside"):
        followed(browser, View("crossing", tab=tab))
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Any, address: str) -> None:
    opened(browser, address, View("crossing"))
    focus = (
        "const on = document.activeElement; return [on.tagName, on.type || '',"
        " getComputedStyle(on).outlineStyle, on.textContent.slice(0, 30)]"
    )
    seen = []
    for _ in range(30):
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", PRESS)
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", {**PRESS, "type": "keyUp"})
        seen.append(browser.execute_script(focus))
    assert seen[0][3] == "Skip to the results"
    tags = {tag for tag, *_ in seen}
    assert {"A", "BUTTON", "INPUT", "SUMMARY"} <= tags
    assert "checkbox" in {kind for _, kind, *_ in seen}
    hidden = [one for one in seen if one[2] == "none" and one[0] in ("A", "BUTTON", "SUMMARY")]
    assert hidden == []


def test_numbers_can_be_saved(browser: Any, address: str) -> None:
    opened(browser, address, View("crossing").narrowed(Between("corruption.level", 0.3, 1)))
    link = browser.find_element("css selector", '[data-chart="ranking-0-chart"] a.save')
    assert "where=corruption.level:0.3..1.0" in unquote(link.get_attribute("href"))
    browser.execute_script("arguments[0].click()", link)
    target = browser.downloads / "crossing-ranking-0-chart.csv"
    wait(target.exists)
    assert len(target.read_text("utf-8").splitlines()) == 1 + 6


def test_hostile_names_do_nothing(browser: Any, address: str, hostile: Frames) -> None:
    name = str(hostile.study["study"])
    opened(browser, address, View("crossing"))
    for tab in ("overview", "trials", "compare"):
        followed(browser, View(name, tab=tab, beside="crossing"))
        assert browser.execute_script("return document.images.length") == 0
        assert (
            browser.execute_script("return document.querySelectorAll('[onclick],b i').length") == 0
        )
        assert browser.get_log("browser") == []
