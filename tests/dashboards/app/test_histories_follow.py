"""A large study is shown at once without its histories, and with them as soon as they are read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from by_client import values
from chromium import chromium, look, wait
from component_trees import text

from layerwise.dashboards import reader as reader_module
from layerwise.dashboards.app import watch as watch_module
from layerwise.dashboards.app.address import View, query
from layerwise.dashboards.app.render import Page, Pages
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.server import build
from layerwise.dashboards.app.serving import Listening
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.trial_histories import READING

ERROR = "validation/reconstruction_error"
VIEW = View("crossing")


class Gate:
    """Holds up whoever reads histories of trials that have ended, until it is opened."""

    def __init__(self, original: Any) -> None:
        self.open = threading.Event()
        self.problem: Exception | None = None
        self._original = original

    def read(self, *given: Any) -> Any:
        assert self.open.wait(20)
        if self.problem is not None:
            raise self.problem
        return self._original(*given)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Every study counts as large, and its histories are read when the test says so."""
    made = Gate(reader_module.read_points)
    monkeypatch.setattr(watch_module, "LONG", 0)
    monkeypatch.setattr(watch_module, "BREATH", 0.0)
    monkeypatch.setattr(reader_module, "read_points", made.read)
    return made


@pytest.fixture
def watch(gate: Gate, tracking_uri: str, crossing: Frames) -> Iterator[Watch]:
    """A watch that has seen nothing yet."""
    made = Watch(tracking_uri, 0.05)
    yield made
    gate.open.set()
    made.close()


def shown(page: Page) -> str:
    return text([list(region.children) for region in page.regions.values()])


def test_the_first_snapshot_has_all_but_the_histories(
    watch: Watch, gate: Gate, tracking_uri: str, crossing: Frames
) -> None:
    first = watch.snapshot("crossing")
    assert (first.version, first.state, first.planned) == (1, "finished", 36)
    assert not first.frames.histories
    assert first.frames.history.empty
    late = [name for name in crossing.runs if name.startswith("untrained/")]
    assert late
    assert first.frames.runs.equals(crossing.runs.drop(columns=late))
    assert first.frames.study == crossing.study
    for setting, seeds in values(tracking_uri, "crossing", "codes", ERROR).items():
        own = first.frames.runs[first.frames.runs["setting"] == setting]
        assert own.set_index("seed")[ERROR].to_dict() == seeds
    # Whoever draws a page needs the list too, and does not wait for the histories with it.
    assert "crossing" in [line.name for line in watch.studies()]
    assert not gate.open.is_set()
    gate.open.set()
    whole = watch.whole("crossing")
    assert whole.version == 2
    assert whole.frames.runs.equals(crossing.runs)
    assert whole.frames.history.equals(crossing.history)
    # The list, the study without its histories, and with them.
    assert watch.readings == 3


def test_whoever_wants_all_of_it_waits(watch: Watch, gate: Gate) -> None:
    threading.Timer(0.2, gate.open.set).start()
    pages = Pages(watch)
    table = pages.numbers(VIEW, "curves-0-chart")
    assert gate.open.is_set()
    assert table is not None
    assert len(table)


def test_histories_that_cannot_be_read_leave_the_rest_standing(watch: Watch, gate: Gate) -> None:
    watch.snapshot("crossing")
    gate.problem = OSError("the disk is gone")
    gate.open.set()
    with pytest.raises(RecordError, match="the disk is gone"):
        watch.whole("crossing")
    first = watch.snapshot("crossing")
    assert "the disk is gone" in first.problem
    assert len(first.frames.runs) == 36
    gate.problem = None
    deadline = time.monotonic() + 60
    while not watch.snapshot("crossing").frames.histories:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert watch.snapshot("crossing").problem == ""


def test_only_what_needs_histories_is_awaited(watch: Watch, gate: Gate) -> None:
    pages = Pages(watch)
    key = str(watch.snapshot("crossing").frames.runs["key"].iloc[0])
    views = [VIEW.with_(tab=name) for name in ("overview", "matters", "trades", "trials")]
    before = {view: pages.page(view, Screen()) for view in views}
    awaited = [view.tab for view, page in before.items() if READING in shown(page)]
    # Controls are drawn beside untrained networks, of which the first epoch tells.
    assert awaited == ["overview", "trades"]
    assert READING in shown(pages.page(VIEW.with_(run=key), Screen()))
    gate.open.set()
    watch.whole("crossing")
    for view in [*views, VIEW.with_(run=key)]:
        assert READING not in shown(pages.page(view, Screen()))
    overview = pages.page(VIEW, Screen())
    other = [
        name
        for name, region in overview.regions.items()
        if region.shape != before[views[0]].regions[name].shape
    ]
    # So the reader's other charts stay where they are.
    assert len(other) == 1


def test_charts_take_the_place_of_the_words(watch: Watch, gate: Gate, tmp_path: Path) -> None:
    drawn = """
    const box = document.querySelector(`[id="${arguments[0]}"] .js-plotly-plot`);
    return Boolean(box && box.data && box.querySelector('.main-svg'));
    """
    with (
        chromium(tmp_path) as browser,
        Listening(build(watch, "127.0.0.1", None).server, "127.0.0.1", 0) as server,
    ):
        look(browser)
        browser.get(f"http://127.0.0.1:{server.port}/{query(VIEW)}")
        wait(lambda: browser.execute_script(drawn, "ranking-0"), 12)
        assert READING in browser.execute_script("return document.body.innerText")
        assert not browser.execute_script(drawn, "curves-0")
        browser.execute_script(
            "window.kept = document.querySelector('#ranking-0 .js-plotly-plot');"
        )
        gate.open.set()
        wait(lambda: browser.execute_script(drawn, "curves-0"))
        same = "return window.kept === document.querySelector('#ranking-0 .js-plotly-plot');"
        assert browser.execute_script(same)
        assert READING not in browser.execute_script("return document.body.innerText")
        assert browser.get_log("browser") == []
