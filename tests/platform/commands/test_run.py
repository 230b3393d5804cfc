"""A whole run as a person sees it: in a terminal, again in a pipe, and its report anew."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path

import pytest
from commanding import environment, layerwise

from layerwise.platform.cli import main
from layerwise.platform.commands.run_study import record_key
from layerwise.platform.study import Study

COLUMNS = 80
STUDY = """
study: seen
question: What does a person see?
data: digits
seeds: [0, 1]
stages:
  - name: codes
    model: autoencoder
    hidden: 6
    corruption: {level: {grid: [0.0, 0.4]}}
    learning_rate: 0.01
    epochs: 30
"""
SCRIPT = "import sys; from layerwise.platform.cli import main; sys.exit(main())"
LIBRARIES = ("Tune", "SearchGenerator", "mlflow.store", "alembic", "Failed to fetch", "Warning")


@dataclass(frozen=True)
class Seen:
    """A run in a terminal: all that was drawn, controls included, and what it left."""

    home: Path
    study: Path
    code: int
    drawn: str

    @property
    def text(self) -> str:
        """Without the controls, lines joined where the terminal wraps words."""
        return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.drawn).split())


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The study, run in a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("run")
    study = folder / "seen.yaml"
    study.write_text(STUDY)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "--home", str(folder / "home"), "run", str(study)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=environment(TERM="xterm-256color"),
        start_new_session=True,
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the last writer has closed its side
            break
        if not part:
            break
        drawn += part
    os.close(ours)
    return Seen(folder / "home", study, process.wait(120), drawn.decode())


def test_a_run_ends_with_its_answer(seen: Seen) -> None:
    assert seen.code == 0, seen.text
    for words in (
        "What does a person see?",
        "4 trials on digits",
        "validation/reconstruction_error, lowest first; mean over 2 seeds ± 95 % interval",
        "On the test set the best setting's reconstruction error is",
        "4 trials trained, 0 taken from the store",
        "report ",
    ):
        assert words in seen.text
    assert seen.text.index("4 trials on digits") < seen.text.index("lowest first")


def test_progress_is_drawn_while_it_trains(seen: Seen) -> None:
    assert "starting" in seen.text
    assert "fused, epoch" in seen.text
    assert "/30" in seen.text


def test_libraries_are_heard_in_the_log_alone(seen: Seen) -> None:
    for words in LIBRARIES:
        assert words not in seen.text
    [log] = (seen.home / "logs").iterdir()
    assert log.stat().st_size > 0


def test_the_commands_that_it_names_work(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"layerwise --home {seen.home} ui" in seen.drawn
    report = seen.home / "reports" / "seen.html"
    assert str(report) in seen.drawn
    assert report.stat().st_size > 1_000_000
    other = seen.home.parent / "again.html"
    words = ["--home", str(seen.home), "report", str(seen.study), "--out", str(other)]
    assert main(words) == 0
    assert capsys.readouterr().out == f"{other}\n"
    assert other.stat().st_size > 1_000_000
    assert main(["--home", str(seen.home), "status"]) == 0
    assert "FINISHED" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_a_mistake(
    seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    out = seen.study / "report.html"  # below a file
    words = ["--home", str(seen.home), "report", "seen", "--out", str(out)]
    assert main(words) == 2
    assert f"{out}: must be writable" in capsys.readouterr().err


def test_again_in_a_pipe_nothing_is_trained_and_ray_stays_away(seen: Seen, tmp_path: Path) -> None:
    words = ("--home", str(seen.home), "run", str(seen.study))
    ended = layerwise(*words, cwd=seen.home.parent, listing=tmp_path / "modules")
    assert ended.code == 0, ended.error
    assert not ended.error
    assert "\x1b" not in ended.output
    assert "Nothing is left to train." in ended.output
    assert "0 trials trained, 4 taken from the store" in ended.output
    assert "starting" not in ended.output
    assert "ray" not in ended.imported
    assert len(list((seen.home / "logs").iterdir())) == 2


def test_the_record_tells_what_is_asked_apart() -> None:
    plain, asked, other = (
        Study(study="a", data="digits", stages=[{"name": "codes", "model": "autoencoder"}], **more)
        for more in (
            {},
            {"use": "codes", "claims": [{"beats": "raw", "by": "codes/nmi"}]},
            {"use": "codes", "claims": [{"beats": "raw", "by": "codes/ari"}]},
        )
    )
    keys = [record_key(study, "0" * 64) for study in (plain, asked, other)]
    assert keys[0] == "0" * 64
    assert len(set(keys)) == 3
    assert record_key(Study.of(asked.mapping()), "0" * 64) == keys[1]
