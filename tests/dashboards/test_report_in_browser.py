"""The report as a browser sees it: charts with data, no errors, no request, light and dark."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_uses import RATE, with_uses

from layerwise.dashboards import report
from layerwise.dashboards.document import sections
from layerwise.dashboards.effects import effect
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.palette import DARK, LIGHT

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
service = pytest.importorskip("selenium.webdriver.chrome.service")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DRAWN = """return [...document.querySelectorAll('.chart')].map(box => ({
  name: box.id,
  points: (box.data || []).map(t => (t.z ? t.z.flat() : t.x || []).length),
  drawn: box.querySelectorAll('.main-svg').length,
}))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium with a profile of its own."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("needs chromium and chromedriver on the PATH")
    folder = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(folder), "download.prompt_for_download": False}
    )
    driver = webdriver.Chrome(options=options, service=service.Service(DRIVER))
    driver.downloads = folder
    yield driver
    driver.quit()


def opened(browser: Any, page: Path, dark: bool = False, width: int = 1280) -> Any:
    """The page, drawn, in a theme and at a width."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.get(page.as_uri())
    wait(lambda: browser.execute_script("return document.documentElement.dataset.ready"))
    return browser


def wait(done: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "the page did not get there in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def page(crossing: Frames, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report.write(crossing, tmp_path_factory.mktemp("report"))


def test_every_chart_is_drawn_with_data(browser: Any, page: Path, crossing: Frames) -> None:
    opened(browser, page)
    charts = browser.execute_script(DRAWN)
    names = [chart.name for section in sections(crossing) for chart in section.charts]
    assert [chart["name"] for chart in charts] == names
    for chart in charts:
        assert chart["drawn"], chart["name"]
        assert chart["points"], chart["name"]
        assert all(chart["points"]), chart["name"]


def test_nothing_is_requested_and_nothing_is_logged(browser: Any, page: Path) -> None:
    opened(browser, page)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource')") == []
    assert browser.execute_script("return typeof MathJax") == "undefined"


def test_the_drawn_numbers_are_the_frames_numbers(
    browser: Any, page: Path, crossing: Frames
) -> None:
    opened(browser, page)
    drawn = browser.execute_script("return document.getElementById('effects-0-0').data[1].y")
    metric = "validation/reconstruction_error"
    table = effect(crossing, "codes", "corruption.level", metric).table
    assert drawn == pytest.approx(list(table[table["view"] == "average"]["mean"]))


def test_the_theme_follows_the_system_while_the_page_is_open(browser: Any, page: Path) -> None:
    colour = "return document.getElementById('ranking-0-chart').data[0].marker.color"
    opened(browser, page)
    assert browser.execute_script(colour) == LIGHT.categorical[0]
    scheme = {"name": "prefers-color-scheme", "value": "dark"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    wait(lambda: browser.execute_script(colour) == DARK.categorical[0])
    body = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert body == "rgb(21, 24, 28)"
    assert not [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]


def test_paper_is_light_and_as_wide_as_paper(browser: Any, page: Path) -> None:
    opened(browser, page, dark=True)
    state = """const box = document.getElementById('ranking-0-chart');
        return [box.data[0].marker.color, box._fullLayout.width]"""
    screen = browser.execute_script(state)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    wait(lambda: browser.execute_script(state) == [LIGHT.categorical[0], 660])
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    wait(lambda: browser.execute_script(state) == screen)
    assert screen[0] == DARK.categorical[0]


def test_a_phone_gets_narrow_charts_and_no_sideways_scrolling(browser: Any, page: Path) -> None:
    opened(browser, page, width=390)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    layout = "return document.getElementById('effects-0-0').layout.xaxis3.domain"
    assert browser.execute_script(layout) == [0, 1]


def test_numbers_unfold_and_download(browser: Any, page: Path, crossing: Frames) -> None:
    opened(browser, page)
    browser.execute_script(
        "document.querySelector('details[data-table=\"controls-0-chart\"]').open = true"
    )
    cells = "return document.querySelectorAll('details[data-table=\"controls-0-chart\"] td').length"
    wait(lambda: browser.execute_script(cells) == 6 * 7)
    browser.execute_script("document.querySelector('[data-csv=\"controls-0-chart\"]').click()")
    target = browser.downloads / "crossing-controls-0-chart.csv"
    wait(target.exists)
    lines = target.read_text("utf-8").splitlines()
    assert lines[0] == "name,kind,label,mean,low,high,n"
    assert '"PCA, 32 components",1.31,,,1' in lines[4]
    assert len(lines) == 7


def test_the_keyboard_reaches_links_and_buttons_and_shows_where_it_is(
    browser: Any, page: Path
) -> None:
    opened(browser, page)
    focus = (
        "const on = document.activeElement; return [on.tagName, getComputedStyle(on).outlineStyle]"
    )
    press = {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    seen = []
    for _ in range(20):
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", press)
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", {**press, "type": "keyUp"})
        seen.append(browser.execute_script(focus))
    assert {"A", "DIV", "SUMMARY", "BUTTON"} <= {tag for tag, _ in seen}
    assert {style for _, style in seen} == {"solid"}


def test_a_points_image_stands_beside_the_pointer(browser: Any, page: Path) -> None:
    opened(browser, page)
    place = """const box = document.getElementById('code-map');
        box.scrollIntoView({block: 'center', behavior: 'instant'});
        const {left, top} = box.getBoundingClientRect();
        const {xaxis, yaxis} = box._fullLayout, {x, y} = box.data[0];
        return [left + xaxis._offset + xaxis.d2p(x[0]), top + yaxis._offset + yaxis.d2p(y[0]),
            box.data[0].customdata[0], box.querySelectorAll('.imagelayer image').length]"""
    shown = "return [...document.images].map(image => image.src)"
    assert browser.execute_script(shown) == []
    x, y, address, in_plane = browser.execute_script(place)
    assert in_plane > 10

    def moved(x: float, y: float) -> None:
        event = {"type": "mouseMoved", "x": x, "y": y}
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def rested() -> bool:
        # Again, should the page have been scrolling still.
        moved(2, 2)
        moved(x - 2, y)
        moved(x, y)
        time.sleep(0.1)
        return len(browser.execute_script(shown)) == 1

    wait(rested)
    [found] = browser.execute_script(shown)
    drawn = browser.execute_script(
        "return document.getElementById('code-map').data.flatMap(trace => trace.customdata)"
    )
    assert address in drawn
    assert found in drawn
    edges = browser.execute_script(
        "const box = document.querySelector('.thumbnail').getBoundingClientRect();"
        "const {left, top, right, bottom} = box;"
        "return [left, top, innerWidth - right, innerHeight - bottom]"
    )
    assert min(edges) >= 0
    moved(2, 2)
    wait(lambda: browser.execute_script(shown) == [])
    assert browser.get_log("browser") == []


def test_sounds_play(browser: Any, crossing: Frames, tmp_path: Path) -> None:
    frames = with_uses(crossing)
    opened(browser, report.write(frames, tmp_path))
    known = """return [...document.querySelectorAll('audio')].map(
        player => [player.readyState > 0, player.error && player.error.message, player.duration])"""
    wait(lambda: all(loaded or error for loaded, error, _ in browser.execute_script(known)))
    found = browser.execute_script(known)
    waves = [name for name in frames.images if name.endswith("_wave")]
    assert len(found) == len(waves) == 6
    for (_, error, seconds), name in zip(found, waves, strict=True):
        assert error is None
        assert seconds == pytest.approx(len(frames.images[name]) / RATE, abs=1e-3)
    # As if somebody had pressed the button; no page may play before that.
    play = "const first = document.querySelector('audio'); first.muted = true; first.play()"
    pressed = {"expression": play, "userGesture": True, "awaitPromise": True}
    assert "exceptionDetails" not in browser.execute_cdp_cmd("Runtime.evaluate", pressed)
    wait(lambda: browser.execute_script("return document.querySelector('audio').currentTime > 0"))
    assert browser.get_log("browser") == []


def test_hostile_names_do_nothing(browser: Any, hostile: Frames, tmp_path: Path) -> None:
    opened(browser, report.write(hostile, tmp_path))
    assert browser.execute_script("return document.images.length") == 0
    assert browser.execute_script("return document.querySelectorAll('[onclick],b i').length") == 0
    assert "<img src=x onerror=alert(1)>" in browser.find_element("tag name", "header").text
    texts = browser.execute_script(
        "return [...document.querySelectorAll('.chart text')].map(t => t.textContent)"
    )
    assert any("<i>gaussian" in text for text in texts)
    assert browser.get_log("browser") == []
    browser.execute_script("document.querySelector('[data-csv=\"ranking-0-chart\"]').click()")
    target = browser.downloads / "_img_src_x_onerror_alert_1_-ranking-0-chart.csv"
    wait(target.exists)
    # A spreadsheet would run a cell that begins with an equals sign.
    assert ",'=1+%{x}," in target.read_text("utf-8")


@pytest.mark.parametrize("scene", ["one_seed", "one_trial", "diverged", "running", "two_stages"])
def test_other_records_draw_without_errors(
    browser: Any, scene: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    opened(browser, report.write(request.getfixturevalue(scene), tmp_path))
    assert browser.get_log("browser") == []
    charts = browser.execute_script(DRAWN)
    assert charts
    assert all(chart["points"] and all(chart["points"]) for chart in charts), json.dumps(charts)
