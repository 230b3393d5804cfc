"""The registry in a terminal, as JSON, and in the README."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from layerwise.models import describe, names
from layerwise.platform.cli import main
from layerwise.platform.commands import models

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


def test_widths_are_described_as_a_study_writes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "deep_autoencoder"]) == 0
    output = capsys.readouterr().out
    for words in ("layers", "[128, 64]", "a list of whole numbers, each from 1 to", "hidden units"):
        assert words in output


@pytest.mark.parametrize("width", [80, 100, 160])
def test_every_model_is_described_within_the_terminals_width(width: int) -> None:
    for name in names():
        stream = StringIO()
        models.show(Console(file=stream, width=width), describe(name))
        lines = stream.getvalue().splitlines()
        # Documentation is as wide as its file, whatever the terminal.
        assert max(map(cell_len, lines)) <= max(width, 100)
        table = [line for line in lines if line.strip()]
        for declared in describe(name).hyperparameters:
            assert any(f" {declared.path} " in f" {line} " for line in table), declared.path


@pytest.mark.parametrize(
    ("paper", "short"),
    [
        ("Smolensky 1986; Hinton 2002, Neural Computation 14:1771", "Smolensky 1986"),
        ("Baldi & Hornik 1989, Neural Networks 2:53", "Baldi & Hornik 1989"),
        ("Vincent, Larochelle & Bengio 2010, JMLR 11:3371", "Vincent et al. 2010"),
        ("Bricken et al. 2023, Towards Monosemanticity", "Bricken et al. 2023"),
    ],
)
def test_papers_are_cited_shortly(paper: str, short: str) -> None:
    assert models.cited(paper) == short


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
