"""Mistakes that are said before a cluster is called; submitting is tested on a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.cli import main

NOBODY = ("--address", "http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


def test_a_cluster_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["submit", "quickstart"])
    assert ended.value.code == 2
    assert "--address" in capsys.readouterr().err


def test_a_mistake_in_the_study_is_said_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "wrong.yaml"
    study.write_text("study: wrong\ndata: digits\nstages:\n  - {name: a, model: autoencodr}\n")
    assert main(["submit", str(study), *NOBODY]) == 2
    error = capsys.readouterr().err
    assert f"{study}:4" in error
    assert "autoencoder" in error


def test_a_storage_that_each_node_would_take_for_another_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["submit", "quickstart", *NOBODY, "--storage", "results"]) == 2
    assert "--storage: must be an absolute path, but got 'results'" in capsys.readouterr().err


def test_a_cluster_that_does_not_answer_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", NOBODY[1])
    assert main(["submit", "quickstart"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        "layerwise: http://127.0.0.1:9: must answer, but got 'Connection refused'."
        " Check the address, and that the cluster is up."
    )
    assert list(tmp_path.iterdir()) == []
