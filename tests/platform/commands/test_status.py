"""What the record knows, in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import recording

from layerwise.platform.cli import main


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose record holds one execution of three trials."""
    folder = recording.home(tmp_path_factory.mktemp("status") / "home")
    recording.execute(folder, [recording.trial(number) for number in range(3)])
    return folder


def test_without_a_record_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), "status"]) == 0
    assert "nothing is recorded" in capsys.readouterr().out
    assert main(["--home", str(tmp_path / "home"), "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert not list(tmp_path.iterdir())


def test_an_execution_is_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "status"]) == 0
    header, line = capsys.readouterr().out.rstrip().splitlines()
    assert header.split()[:3] == ["study", "started", "status"]
    assert line.startswith(recording.STUDY)
    assert "FINISHED" in line


def test_json_has_an_object_for_each(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "status", recording.STUDY, "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["study"] == recording.STUDY
    assert row["trials"] == 3


def test_an_unknown_study_is_a_mistake(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "status", recording.STUDY[:-4]]) == 2
    assert f"Did you mean '{recording.STUDY}'?" in capsys.readouterr().err
