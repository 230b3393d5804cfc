"""A cluster that does not answer is one line; logs are tested on a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.cli import main
from layerwise.platform.commands.logs import job_word


def test_a_cluster_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "quickstart", "--address", "http://127.0.0.1:9"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "must answer" in line


def test_a_study_is_named_by_its_file_too(tmp_path: Path) -> None:
    study = tmp_path / "file.yaml"
    study.write_text(
        "study: named-inside\ndata: digits\nstages:\n  - {name: a, model: autoencoder}\n"
    )
    assert job_word(str(study)) == "named-inside"
    assert job_word("named-inside-0123") == "named-inside-0123"
