"""The report from the record alone; what cannot be written or read is a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
import recording

from layerwise.platform.cli import main


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an empty record."""
    return recording.home(tmp_path / "home")


def test_without_a_record_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "home"), "report", "quickstart"]) == 2
    assert "holds no record. Run a study first" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_study_that_never_ran_is_a_mistake(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(home), "report", "quickstart"]) == 2
    assert "'quickstart'. Run the study first." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../quickstart", ".hidden", "a/b"])
def test_a_name_leads_nowhere_else(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.parent.rglob("*"))
    assert main(["--home", str(home), "report", name]) == 2
    assert "must be a YAML file or the name of a study" in capsys.readouterr().err
    assert sorted(home.parent.rglob("*")) == before
