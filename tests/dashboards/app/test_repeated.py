"""An answer is given again while what it was made from is the same, and only to whoever may."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from growing_study import Growing

from layerwise.dashboards.app import repeated as repeated_module
from layerwise.dashboards.app.access import guard
from layerwise.dashboards.app.address import View
from layerwise.dashboards.app.render import REGIONS, Pages
from layerwise.dashboards.app.repeated import Repeated
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.server import build
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.frames import Frames

NAMES = [
    *((name, "children") for name in REGIONS),
    ("filter-box", "hidden"),
    ("page", "data-view"),
    ("page", "data-version"),
    ("titled", "data"),
    ("shown", "data"),
]


@dataclass
class Served:
    """A server whose one answer says how often it was made, from a source that may change."""

    source: object = field(default_factory=object)
    made: int = 0
    status: int = 200

    def client(self, token: str | None = None) -> FlaskClient:
        """Asks it."""
        server, repeated = Flask("served"), Repeated()

        @server.post("/")
        def answer() -> Response:
            self.made += 1
            repeated.mark(self.source, lambda: self.source)
            return Response(f"{self.made}", self.status, mimetype="application/json")

        @server.post("/unmarked")
        def unmarked() -> str:
            self.made += 1
            return f"{self.made}"

        guard(server, "127.0.0.1", token, [])
        repeated.serve(server)
        return server.test_client()


def test_the_same_question_is_answered_once_while_the_source_is_the_same() -> None:
    served = Served()
    client = served.client()
    first, again = client.post("/", json=[1]), client.post("/", json=[1])
    assert (first.text, again.text, served.made) == ("1", "1", 1)
    assert again.mimetype == "application/json"
    assert dict(again.headers) == dict(first.headers)
    assert client.post("/", json=[2]).text == "2"
    served.source = object()
    assert client.post("/", json=[1]).text == "3"
    assert client.post("/", json=[1]).text == "3"


def test_what_is_not_marked_or_failed_is_never_repeated() -> None:
    served = Served()
    client = served.client()
    assert [client.post("/unmarked").text for _ in range(2)] == ["1", "2"]
    served.status = 500
    assert [client.post("/").text for _ in range(2)] == ["3", "4"]


def test_nobody_gets_it_who_may_not_look() -> None:
    client = Served().client("correct horse battery staple")
    allowed = {"Authorization": "Bearer correct horse battery staple"}
    assert client.post("/", headers=allowed).text == "1"
    assert client.post("/").status_code == 401
    assert client.post("/", headers=allowed).text == "1"


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_module, "MOST_KEPT", 2)
    client = Served().client()
    assert [client.post("/", json=[n]).text for n in (1, 2, 3)] == ["1", "2", "3"]
    assert client.post("/", json=[3]).text == "3"
    assert client.post("/", json=[1]).text == "4"


def asked(search: str, shown: Any = None, narrow: bool = False) -> dict[str, Any]:
    """What a browser sends for the page at an address."""
    outputs = [{"id": name, "property": prop} for name, prop in NAMES]
    return {
        "output": f"..{'...'.join(f'{name}.{prop}' for name, prop in NAMES)}..",
        "outputs": outputs,
        "inputs": [
            {"id": "address", "property": "search", "value": search},
            {"id": "version", "property": "data", "value": None},
            {"id": "screen", "property": "data", "value": {"dark": False, "narrow": narrow}},
        ],
        "changedPropIds": ["version.data"],
        "state": [{"id": "shown", "property": "data", "value": shown}],
    }


def test_a_page_is_made_into_text_once_for_all_its_readers(
    watch: Watch, crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    page = Pages.page

    def counted(self: Pages, view: View, screen: Screen) -> Any:
        drawn.append(view)
        return page(self, view, screen)

    monkeypatch.setattr(Pages, "page", counted)
    client = build(watch, "127.0.0.1", None).server.test_client()
    question = asked("?study=crossing")
    first = client.post("/_dash-update-component", json=question)
    marks = first.json["response"]["shown"]["data"]
    assert first.json["response"]["page"]["data-version"] == str(watch.snapshot("crossing").version)
    again = client.post("/_dash-update-component", json=question)
    assert again.data == first.data
    # Asked whether it is still that page, but not told to Dash any more.
    assert len(drawn) == 2
    # A browser that shows the page already needs none of its parts.
    after = client.post("/_dash-update-component", json=asked("?study=crossing", marks))
    assert len(after.data) < len(first.data) / 10
    narrow = client.post("/_dash-update-component", json=asked("?study=crossing", None, True))
    assert narrow.data != first.data


def test_a_page_that_has_grown_is_another_one(home: Path, tracking_uri: str) -> None:
    watch, growing = Watch(tracking_uri, 0.02), Growing(tracking_uri, home, "repeated")
    client = build(watch, "127.0.0.1", None).server.test_client()
    question = asked("?study=repeated")

    def version() -> str:
        answer = client.post("/_dash-update-component", json=question)
        return str(answer.json["response"]["page"]["data-version"])

    assert version() == version() == "1"
    growing.add(0)
    limit = time.monotonic() + 60
    while watch.version("repeated") == 1:
        assert time.monotonic() < limit
    assert version() == "2"
    growing.record.abandon()
    watch.close()
