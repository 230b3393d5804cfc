"""A cluster that does not answer is one line; stopping is tested on a cluster."""

from __future__ import annotations

import pytest

from layerwise.platform.cli import main


def test_a_cluster_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop", "quickstart", "--address", "http://127.0.0.1:9"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "must answer" in line
