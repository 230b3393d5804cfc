"""The server's answers over HTTP: guarded, clean, and small where nothing has changed."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from flask.testing import FlaskClient

from layerwise.dashboards.app.server import build
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


@pytest.fixture(scope="module")
def client(watch: Watch) -> FlaskClient:
    """Asks the dashboard as a browser on this machine does."""
    return build(watch, "127.0.0.1", None).server.test_client()


def test_the_page_comes_without_anything_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text
    for script in ("_dash-layout", "_dash-dependencies", "assets/app.js", "assets/app.css"):
        with client.get(f"/{script}") as answer:
            assert answer.status_code == 200


def test_the_version_of_what_is_looked_at_is_told_in_a_few_bytes(
    client: FlaskClient, watch: Watch, crossing: Frames, two_stages: Frames
) -> None:
    own, other = (watch.snapshot(name).version for name in ("crossing", "two stages"))
    answer = client.get("/version?study=crossing")
    assert answer.json == [own, 0]
    # Without its length the connection would be closed, and made anew every second.
    assert int(answer.headers["Content-Length"]) < 20
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/version?study=crossing&beside=two+stages").json == [own, other]
    assert client.get("/version").json == client.get("/version").json != [0, 0]


def test_numbers_are_the_records(client: FlaskClient, crossing: Frames) -> None:
    answer = client.get("/numbers/ranking-0-chart.csv?study=crossing&where=sparsity.weight:0.0")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    found = pd.read_csv(io.StringIO(answer.text))
    runs = crossing.runs[crossing.runs["sparsity.weight"] == 0.0]
    expected = runs.groupby("setting")[ERROR].mean().sort_values()
    assert list(found["setting"]) == list(expected.index)
    assert list(found["mean"]) == pytest.approx(list(expected))
    trials = pd.read_csv(io.StringIO(client.get("/numbers/trials.csv?study=crossing").text))
    assert len(trials) == len(crossing.runs)


@pytest.mark.parametrize(
    "path",
    [
        "/numbers/none.csv?study=crossing",
        "/numbers/ranking-0-chart.csv?study=crosing",
        "/numbers/trials.csv",
        "/report.html?study=crosing",
        "/report.html",
    ],
)
def test_what_is_not_there_is_said(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "text/plain"


def test_the_report_can_be_taken(client: FlaskClient) -> None:
    answer = client.get("/report.html?study=crossing")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="crossing.html"'
    assert answer.text.startswith("<!doctype html>")


def test_a_hostile_name_is_no_header(client: FlaskClient, hostile: Frames) -> None:
    name = str(hostile.study["study"])
    answer = client.get("/report.html", query_string={"study": name})
    assert answer.status_code == 200
    said = answer.headers["Content-Disposition"].removeprefix('attachment; filename="')
    assert set(said.removesuffix('"')) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    )


def test_every_address_is_guarded(watch: Watch) -> None:
    app = build(watch, "0.0.0.0", "correct horse battery")
    client = app.server.test_client()
    rules = [str(rule) for rule in app.server.url_map.iter_rules()]
    assert len(rules) > 5
    for rule in rules:
        path = rule.replace("<name>", "a").replace("<path:path>", "a")
        for other in ("<path:filename>", "<string:package_name>", "<path:fingerprinted_path>"):
            path = path.replace(other, "a")
        assert client.get(path).status_code == 401, rule
        assert client.post(path, json={}).status_code == 401, rule
