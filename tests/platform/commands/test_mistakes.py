"""A person's mistake ends with exit code 2 and a message, before anything starts or is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from commanding import layerwise
from mistakes import MISTAKES, Mistake

from layerwise.platform import cli

# Seconds. What a person waits is under 3; a machine that tests much else at once needs room.
PATIENCE = 10.0
# One mistake of each kind, as a process of its own; the rest share this one.
ALONE = (
    "unknown model",
    "exponent without a point",
    "no such metric",
    "visible of another width",
    "table with nan",
    "cross-entropy of data that are no probabilities",
    "alias bomb",
    "missing file",
    "home below a file",
    "unknown command",
    "report without a record",
    "ui without a record",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the command."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("LAYERWISE_HOME", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def prepared(mistake: Mistake, here: Path) -> list[str]:
    """Write the mistake's files; returns the words of the command."""
    (here / "study.yaml").write_bytes(mistake.raw or mistake.text.encode())
    for name, make in mistake.files.items():
        make(here / name)
    return ["--home", str(here.parent / mistake.home), *mistake.words]


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, files with their bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def check(mistake: Mistake, code: object, output: str, error: str) -> None:
    """The exit code, and a message that says where, which rule, and what would be right."""
    assert code == cli.MISTAKE, error
    assert "Traceback" not in error
    assert not output
    for words in mistake.says:
        assert words in error


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_said_and_nothing_is_written(
    mistake: Mistake, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = prepared(mistake, here)
    before = contents(here.parent)
    code: object
    try:
        code = cli.main(words)
    except SystemExit as ended:
        code = ended.code
    printed = capsys.readouterr()
    check(mistake, code, printed.out, printed.err)
    assert contents(here.parent) == before


@pytest.mark.parametrize("name", ALONE)
def test_a_mistake_is_said_at_once_and_starts_nothing(
    name: str, here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    [mistake] = [found for found in MISTAKES if found.name == name]
    words = prepared(mistake, here)
    before = contents(here.parent)
    listing = tmp_path_factory.mktemp("imported") / "modules"
    ended = layerwise(*words, cwd=here, listing=listing)
    print(f"{name}: {ended.seconds:.2f} s")
    check(mistake, ended.code, ended.output, ended.error)
    assert contents(here.parent) == before
    assert ended.seconds < PATIENCE
    # Ray that was never imported has started nothing.
    assert not ended.imported & {"ray", "mlflow"}


def test_names_of_mistakes_are_distinct() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)
