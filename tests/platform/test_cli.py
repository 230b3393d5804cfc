"""The command line as processes: quick help, quiet pipes, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commanding import environment, layerwise

from layerwise.platform.cli import COMMANDS, main

SLOW = {"torch", "ray", "mlflow", "pandas", "yaml", "numpy", "rich", "plotly"}


def test_help_names_every_command_and_imports_nothing_slow(tmp_path: Path) -> None:
    ended = layerwise("--help", cwd=tmp_path, listing=tmp_path / "listing")
    print(f"layerwise --help: {ended.seconds:.2f} s")
    assert ended.code == 0
    assert not ended.error
    assert not ended.imported & SLOW
    for name, purpose in COMMANDS.items():
        assert name in ended.output
        assert purpose in " ".join(ended.output.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    output = capsys.readouterr().out
    assert f"usage: layerwise {name}" in output
    assert COMMANDS[name] in " ".join(output.split()).lower() or name == "ui"


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("layerwise 0.")


def test_a_home_may_bear_a_commands_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--home", "data", "models", "autoencoder"]) == 0
    assert main(["models", "autoencoder", "--home", "run"]) == 0
    assert "Bourlard" in capsys.readouterr().out


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    script = "import sys; from layerwise.platform.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "models", "--json"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert not error
