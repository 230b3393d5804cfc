"""The registry in a terminal, as JSON, and in the README."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerwise.models import names
from layerwise.platform.cli import main

README = Path(__file__).parents[3] / "README.md"


def test_every_model_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    output = capsys.readouterr().out
    assert all(name in output for name in names())


def test_a_model_is_described_with_its_hyperparameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "denoising_autoencoder"]) == 0
    output = capsys.readouterr().out
    for words in ("Vincent", "corruption.level", "a number from 0 upwards", "0.25", "r(x̃)"):
        assert words in output


def test_json_has_what_the_table_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert [found["name"] for found in described] == list(names())
    for found in described:
        assert found["equation"]
        assert {"hidden", "epochs"} <= {declared["path"] for declared in found["hyperparameters"]}


def test_the_readme_has_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--markdown"]) == 0
    table = capsys.readouterr().out
    _, opening, rest = README.read_text(encoding="utf-8").partition("<!-- models: ")
    written = rest.partition("-->\n")[2].partition("<!-- end of models -->")[0]
    assert opening
    assert written == table, "put the output of `layerwise models --markdown` into README.md"


def test_a_bar_in_a_text_is_no_column(capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "--markdown"])
    for line in capsys.readouterr().out.splitlines():
        assert line.replace("\\|", "").count("|") == 4
