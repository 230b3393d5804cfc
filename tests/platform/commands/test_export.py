"""A trained network in a folder, out of a record and out of the store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import recording
from recording import STUDY

from layerwise.models import create, load
from layerwise.models.inputs import Inputs
from layerwise.platform.cli import main
from layerwise.platform.tracking.served_model import ServedModel

X = np.random.default_rng(0).random((5, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished execution."""
    folder = recording.home(tmp_path_factory.mktemp("export") / "home")
    network = create("autoencoder", visible=4, hidden=2)
    network.inputs = Inputs(4, image_shape=(2, 2), example=X[0])
    network.save(folder / "network")
    execution = recording.record(folder)
    execution.open(recording.PLAN, {}, "?")
    execution.log_trials([recording.trial(0)])
    served = ServedModel(folder / "network", 4, "best", {"key": "aa"})
    execution.close("FINISHED", {}, {}, {}, "", model=served)
    return folder


def test_the_line_that_is_printed_loads_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--home", str(home), "export", STUDY]) == 0
    line = capsys.readouterr().out
    assert "# takes rows of 4 numbers (an image of 2 × 2, row by row)" in line
    names: dict[str, object] = {}
    exec(line, names)
    expected = create("autoencoder", visible=4, hidden=2).encode(X)
    np.testing.assert_array_equal(names["network"].encode(X), expected)  # type: ignore[attr-defined]
    found = sorted(path.name for path in (tmp_path / STUDY).iterdir())
    assert found == ["inputs.json", "model.json", "weights.safetensors"]


def test_an_earlier_export_is_replaced_and_other_files_are_left(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "there" / "network"
    command = ["--home", str(home), "export", STUDY, "--to", str(to)]
    assert main(command) == main(command) == 0
    assert load(to).inputs is not None
    (to / "notes.txt").write_text("mine")
    assert main(command) == 2
    assert "must be new, empty, or an earlier export, but got 'a folder with notes.txt'" in (
        capsys.readouterr().err
    )
    assert (to / "notes.txt").read_text() == "mine"


def test_an_execution_is_named_by_its_run(home: Path, tmp_path: Path) -> None:
    [run] = recording.runs(recording.uri(home), "study")
    command = ["--home", str(home), "export", STUDY, "--to", str(tmp_path / "network")]
    assert main([*command, "--run", run.info.run_id]) == 0
    np.testing.assert_array_equal(
        load(tmp_path / "network").encode(X), create("autoencoder", visible=4, hidden=2).encode(X)
    )


def test_mistakes_are_told_before_anything_is_written(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "network"
    [trial] = recording.runs(recording.uri(home), "trial")
    for words, said in {
        (STUDY[:-1],): f"Did you mean '{STUDY}'?",
        (STUDY, "--run", "abc"): "--run: must be a run of",
        (STUDY, "--run", "abc", "--stage", "codes"): "--stage: belongs to the newest execution",
        (STUDY, "--stage", "code"): "--stage: must be one of codes, but got 'code'. Did you mean",
        ("./study",): "study: must be a YAML file or the name of a study",
        # A record without a store: the trial's weights lie elsewhere.
        (STUDY, "--run", trial.info.run_id): "must have an entry in",
    }.items():
        assert main(["--home", str(home), "export", *words, "--to", str(to)]) == 2
        assert said in capsys.readouterr().err
    assert main(["--home", str(tmp_path / "none"), "export", STUDY, "--to", str(to)]) == 2
    assert "holds no record" in capsys.readouterr().err
    assert not to.exists()
