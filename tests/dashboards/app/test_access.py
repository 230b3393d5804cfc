"""Requests as they come over HTTP, to a Flask server that has one page."""

from __future__ import annotations

import pytest
from flask import Flask

from layerwise.dashboards.app.access import COOKIE, guard, is_loopback

TOKEN = "correct horse battery"


def served(token: str | None = None, host: str = "127.0.0.1") -> Flask:
    """A server with one page, guarded."""
    server = Flask("guarded")
    server.add_url_rule("/", view_func=lambda: "the page")
    guard(server, host, token, ["'sha256-abc'"])
    return server


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.2", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_is_what_no_other_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("name", ["localhost:8050", "127.0.0.1:8050", "[::1]:8050", "LOCALHOST"])
def test_this_machines_names_are_served_on_loopback(name: str) -> None:
    assert served().test_client().get("/", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("name", ["evil.example.org", "127.0.0.1.example.org:8050", "[", "x@y:z"])
def test_another_name_that_leads_here_is_refused(name: str) -> None:
    answer = served().test_client().get("/", headers={"Host": name})
    assert answer.status_code == 403
    assert "the page" not in answer.text


def test_without_the_token_nothing_is_served() -> None:
    client = served(TOKEN, "0.0.0.0").test_client()
    for given in ({}, {"token": ""}, {"token": TOKEN[:-1]}):
        answer = client.get("/", query_string=given)
        assert answer.status_code == 401
        assert "the page" not in answer.text
    assert client.post("/", query_string={"token": TOKEN}).status_code == 401


def test_the_token_is_brought_once_and_leaves_the_address() -> None:
    client = served(TOKEN, "0.0.0.0").test_client()
    answer = client.get("/", query_string={"token": TOKEN, "study": "a b"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/?study=a+b"
    cookie = answer.headers["Set-Cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/?study=a+b").text == "the page"


def test_a_cookie_of_another_token_opens_nothing() -> None:
    client = served(TOKEN).test_client()
    client.set_cookie(COOKIE, "0" * 64)
    assert client.get("/").status_code == 401


def test_a_program_sends_the_token_with_each_request() -> None:
    client = served(TOKEN).test_client()
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401


def test_every_answer_says_what_a_page_may_do() -> None:
    for answer in (
        served().test_client().get("/"),
        served(TOKEN).test_client().get("/"),
        served().test_client().get("/", headers={"Host": "evil.example.org"}),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self' 'sha256-abc';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "media-src data:;" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
