"""What was spooled comes into the record, once, and a person is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import recording

from layerwise.platform.cli import main
from layerwise.platform.home import Home
from layerwise.platform.tracking.spool import Execution, Spool

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def spooled(folder: Path, study: str, name: str, number: int) -> None:
    """An execution of one trial that waits in the home."""
    execution = Execution(
        name=name,
        study=study,
        plan_key=recording.PLAN,
        tags={"layerwise.execution": name},
        question="?",
        started=1_790_000_000.0,
        ended=1_790_000_001.0,
        status="FINISHED",
        summary={"study": study},
        images={},
        metrics={"trials": 1.0},
        study_yaml=f"study: {study}\n",
    )
    Spool(Home(folder).spool).keep(execution, [recording.trial(number)])


def test_only_the_named_study_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = recording.home(tmp_path / "home")
    spooled(home, recording.STUDY, "a1" * 16, 0)
    spooled(home, "another", "b2" * 16, 1)
    assert main(["--home", str(home), "sync", recording.STUDY]) == 0
    said = capsys.readouterr().out
    assert said == f"{recording.STUDY}: execution a1a1a1a1 with 1 trials is in the record\n"
    assert set(recording.told(recording.uri(home))) == {recording.trial(0).key}
    assert Spool(Home(home).spool).waiting() == {"another": ["b2" * 16]}
    assert main(["--home", str(home), "sync", recording.STUDY]) == 0
    assert capsys.readouterr().out == f"nothing of {recording.STUDY} is spooled\n"
    assert main(["--home", str(home), "sync", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "written": {"another": {"b2" * 16: 1}},
        "left": {},
    }


def test_where_nothing_is_spooled_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), "sync"]) == 0
    assert capsys.readouterr().out == "nothing is spooled\n"
    assert not list(tmp_path.iterdir())


def test_a_record_that_is_still_away_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = recording.home(tmp_path / "home")
    spooled(home, recording.STUDY, "a1" * 16, 0)
    # Nobody listens at the port of no service.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main(["--home", str(home), "sync"]) == 1
    assert "stays in the spool" in capsys.readouterr().err
    assert Spool(Home(home).spool).waiting() == {recording.STUDY: ["a1" * 16]}


def test_a_file_that_is_not_there_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), "sync", "missing.yaml"]) == 2
    assert "missing.yaml" in capsys.readouterr().err
