"""The three ways to a metric's history give the same points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from tracking_server import served

from layerwise.dashboards import histories
from layerwise.dashboards.frames import Frames, read
from layerwise.dashboards.points import Point


def asked(frames: Frames, client: MlflowClient) -> dict[str, list[str]]:
    runs = list(frames.runs["run_id"])
    return {run: list(client.get_run(run).data.metrics) for run in runs}


def one_by_one(client: MlflowClient, metrics_of: dict[str, list[str]]) -> set[Point]:
    return {
        (run, metric.key, metric.step, metric.value, metric.timestamp)
        for run, names in metrics_of.items()
        for name in names
        for metric in client.get_metric_history(run, name)
    }


def test_a_database_gives_what_the_client_gives(crossing: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    metrics_of = asked(crossing, client)
    assert set(histories.read_histories(client, metrics_of)) == one_by_one(client, metrics_of)


def test_many_runs_are_read_in_parts(
    crossing: Frames, tracking_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "RUNS_A_SELECT", 7)
    asked_for: dict[str, list[str]] = {run: [] for run in crossing.runs["run_id"]}
    points = histories.read_histories(MlflowClient(tracking_uri), asked_for)
    assert len(set(points)) == len(points) == len(crossing.history)


def test_a_store_that_changed_is_read_one_by_one_and_said(
    crossing: Frames,
    tracking_uri: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(histories, "SELECT", "SELECT nothing FROM nowhere WHERE run_uuid IN :runs")
    client = MlflowClient(tracking_uri)
    few = dict(list(asked(crossing, client).items())[:2])
    assert set(histories.read_histories(client, few)) == one_by_one(client, few)
    assert "in bulk failed" in caplog.text


@pytest.fixture(scope="module")
def server(home: Path, crossing: Frames) -> Iterator[str]:
    """A tracking server of MLflow over the session's store."""
    with served(home) as address:
        yield address


@pytest.mark.slow
def test_a_server_gives_what_the_database_gives(
    server: str, crossing: Frames, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    over_http = read(server, "crossing")
    assert over_http.history.equals(crossing.history)
    assert over_http.runs.equals(crossing.runs)
    # A call that comes back full is split until its parts are not, down to one run.
    few = list(crossing.runs["run_id"][:3])
    for most in (20, 3):
        monkeypatch.setattr(histories, "POINTS_A_CALL", most)
        assert len(read(server, few).history) == 3 * (7 * 7 + 2 * 5)
    assert "in bulk failed" not in caplog.text
