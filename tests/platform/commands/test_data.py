"""The data sets in a terminal."""

from __future__ import annotations

import json

import pytest

from layerwise.platform.cli import main
from layerwise.platform.data import names


def test_every_data_set_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    output = capsys.readouterr().out
    assert all(name in output for name in names())


def test_one_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "digits"]) == 0
    output = capsys.readouterr().out
    assert "1797" in output
    assert "mnist" not in output


def test_json_lists_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--json"]) == 0
    assert [found["name"] for found in json.loads(capsys.readouterr().out)] == list(names())
