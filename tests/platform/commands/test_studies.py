"""The studies that ship, listed and printed."""

from __future__ import annotations

import json

import pytest

from layerwise.platform.cli import main
from layerwise.platform.study.reading import find_study
from layerwise.studies import shipped_studies


def test_every_study_is_listed_with_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert all(name in output for name in shipped_studies())
    assert "How do sparsity, noise level" in output


def test_json_lists_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [study["name"] for study in found] == list(shipped_studies())
    assert all(study["question"] for study in found)


def test_a_name_prints_the_file_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies", "quickstart"]) == 0
    assert capsys.readouterr().out == find_study("quickstart").read_text(encoding="utf-8")
