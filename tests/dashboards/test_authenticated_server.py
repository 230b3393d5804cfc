"""A record behind a login is read as any other, and whoever may not read it is told so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from component_trees import text
from growing_study import Growing, trial
from mlflow import MlflowClient
from tracking_server import guarded

from layerwise.dashboards.app.address import View
from layerwise.dashboards.app.render import Pages
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.executions import executions
from layerwise.dashboards.frames import read
from layerwise.dashboards.reader import Reader
from layerwise.dashboards.report import of_study

USER, PASSWORD = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"
ADMIN = ("ada", "the-admin-of-this-test")
GUEST = ("gast", "may-not-look-at-all")
WRONG = ("ada", "not-hers-at-all")
STUDY = "behind a login"
ERROR = "test/reconstruction_error"
LAYERWISE = Path(sys.executable).with_name("layerwise")


@dataclass(frozen=True)
class Login:
    """Who asks, and what is said to them; ``who`` is None for nobody in particular."""

    who: tuple[str, str] | None
    said: str


REFUSED = [
    pytest.param(Login(None, "wants to know who is asking (401)"), id="nobody"),
    pytest.param(
        Login(WRONG, "does not admit the user 'ada' with this password (401)"), id="wrong password"
    ),
]


def log_in(monkeypatch: pytest.MonkeyPatch, who: tuple[str, str] | None) -> None:
    for name, value in zip((USER, PASSWORD), who or (None, None), strict=True):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a login, to which a study was written as the platform writes one."""
    home = tmp_path_factory.mktemp("guarded")
    with guarded(home, *ADMIN) as address, pytest.MonkeyPatch.context() as environment:
        log_in(environment, ADMIN)
        guest = dict(zip(("username", "password"), GUEST, strict=True))
        made = requests.post(f"{address}/api/2.0/mlflow/users/create", json=guest, auth=ADMIN)
        made.raise_for_status()
        growing = Growing(address, home, STUDY)
        growing.add(*range(6))
        growing.finish(*range(6))
        log_in(environment, None)
        yield address


def test_who_is_known_reads_everything(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, ADMIN)
    frames = read(server, STUDY)
    assert frames.complete
    assert frames.study["verdict"] == "It grew."
    client = MlflowClient(server)
    expected = {trial(number).key: trial(number).history for number in range(6)}
    assert set(frames.runs["key"]) == set(expected)
    for key, run_id, value in frames.runs[["key", "run_id", ERROR]].itertuples(index=False):
        assert client.get_run(run_id).data.metrics[ERROR] == value
        own = frames.history[(frames.history["key"] == key) & (frames.history["metric"] == ERROR)]
        assert list(zip(own["epoch"], own["value"], strict=True)) == expected[key][ERROR]
    found = Reader(server, STUDY).read()
    assert (found.state, found.trials) == ("finished", 6)
    assert found.frames.runs.equals(frames.runs)
    assert [row["study"] for row in executions(server)] == [STUDY]
    page = of_study(frames).write(tmp_path / "report.html")
    assert "It grew." in page.read_text("utf-8")


def test_the_app_shows_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, ADMIN)
    watch = Watch(server, interval=0.1)
    try:
        assert [line.name for line in watch.studies()] == [STUDY]
        page = Pages(watch).page(View(STUDY), Screen())
        assert "Does it grow?" in text(page.regions["lead"].children)
    finally:
        watch.close()


@pytest.mark.parametrize("login", REFUSED)
def test_the_app_says_that_it_may_not_look(
    server: str, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, login.who)
    watch = Watch(server, interval=0.1)
    try:
        for view in (View(), View(STUDY)):
            page = Pages(watch).page(view, Screen())
            said = text([region.children for region in page.regions.values()])
            assert "The record cannot be read" in said
            assert f"MLflow at {server}: {login.said}" in said
            assert f"Set {USER} and {PASSWORD}" in said
            assert "No study is recorded" not in said
    finally:
        watch.close()


def test_a_password_that_changes_is_said_above_what_was_read(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, ADMIN)
    watch = Watch(server, interval=0.05)
    try:
        first = watch.snapshot(STUDY)
        assert first.problem == ""
        log_in(monkeypatch, WRONG)
        with watch._lock:
            assert watch._lock.wait_for(lambda: watch._studies[STUDY].error is not None, 30)
        told = watch.snapshot(STUDY)
        assert told.frames is first.frames
        assert "does not admit the user 'ada'" in told.problem
        assert f"Set {USER} and {PASSWORD}" in told.problem
    finally:
        watch.close()


def test_a_user_without_the_right_is_told_which_one(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, GUEST)
    with pytest.raises(RecordError) as raised:
        read(server, STUDY)
    assert f"MLflow at {server}: does not let the user 'gast' read that (403)" in str(raised.value)


def test_no_password_is_repeated(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, WRONG)
    with pytest.raises(RecordError) as raised:
        read(server.replace("http://", "http://ada:secret@"), STUDY)
    assert "secret" not in str(raised.value)
    assert WRONG[1] not in str(raised.value)


@pytest.mark.parametrize("login", REFUSED)
@pytest.mark.parametrize("command", [["report", STUDY], ["dashboard", STUDY]])
def test_the_commands_say_it_in_a_line(
    server: str, login: Login, command: list[str], tmp_path: Path
) -> None:
    environment = {n: v for n, v in os.environ.items() if n not in (USER, PASSWORD)}
    environment |= {"MLFLOW_TRACKING_URI": server, "LAYERWISE_HOME": str(tmp_path)}
    environment |= dict(zip((USER, PASSWORD), login.who, strict=True)) if login.who else {}
    ended = subprocess.run(
        [LAYERWISE, *command], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"layerwise: MLflow at {server}: {login.said}. Set {USER}")
    assert ended.stderr.count("\n") == 1
