"""The report from the record alone; what cannot be written or read is a mistake."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
import recording
from made_studies import Made, write
from mlflow import MlflowClient

from layerwise.dashboards import export
from layerwise.platform.cli import main


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an empty record."""
    return recording.home(tmp_path / "home")


def test_without_a_record_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "home"), "report", "quickstart"]) == 2
    assert "holds no record. Run a study first" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_study_that_never_ran_is_a_mistake(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(home), "report", "quickstart"]) == 2
    assert "'quickstart'. Run the study first." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../quickstart", ".hidden", "a/b"])
def test_a_name_leads_nowhere_else(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.parent.rglob("*"))
    assert main(["--home", str(home), "report", name]) == 2
    assert "must be a YAML file or the name of a study" in capsys.readouterr().err
    assert sorted(home.parent.rglob("*")) == before


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home with two small studies, and the run ids of their executions."""
    folder = recording.home(tmp_path_factory.mktemp("recorded") / "home")
    levels = {"first": (0.0, 0.2), "second": (0.1, 0.4)}
    runs = {
        name: write(
            recording.uri(folder),
            folder / "artifacts" / name,
            Made(name=name, swept={"corruption.level": swept}, seeds=(0, 1), epochs=2,
                 images=False, controls=False),
        )
        for name, swept in levels.items()
    }  # fmt: skip
    return folder, runs


Recorded = tuple[Path, dict[str, str]]


def test_a_study_goes_to_the_reports(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = recorded
    assert main(["--home", str(home), "report", "first"]) == 0
    made = home / "reports" / "first.html"
    assert capsys.readouterr().out == f"{made}\n"
    assert "Of 2 settings, the best is noise level 0" in made.read_text("utf-8")


def test_an_execution_and_its_trials_by_their_run_ids(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    home, runs = recorded
    assert main(["--home", str(home), "report", runs["first"]]) == 0
    made = home / "reports" / f"run-{runs['first'][:8]}.html"
    assert "<dt>trials</dt><dd>4</dd>" in made.read_text("utf-8")
    client = MlflowClient(recording.uri(home))
    experiment = client.get_experiment_by_name("first")
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id], "tags.`layerwise.kind` = 'trial'")
    trials = [run.info.run_id for run in found[:3]]
    assert main(["--home", str(home), "report", *trials]) == 0
    made = home / "reports" / f"run-{trials[0][:8]}-and-2-more.html"
    assert "<dt>trials</dt><dd>3</dd>" in made.read_text("utf-8")
    assert capsys.readouterr().out.endswith(f"{made}\n")


@pytest.mark.parametrize("words", [("first", "second"), ("first", 1), (0, "study.yaml")])
def test_two_are_set_side_by_side(
    words: tuple[str | int, str | int],
    recorded: Recorded,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, runs = recorded
    text = "study: second\ndata: {name: digits}\nstages: [{name: codes, model: autoencoder}]\n"
    (tmp_path / "study.yaml").write_text(text)
    ids = list(runs.values())
    named = [
        str(tmp_path / word) if str(word).endswith(".yaml") else ids[word] if isinstance(word, int)
        else word
        for word in words
    ]  # fmt: skip
    assert main(["--home", str(home), "report", "--compare", *named]) == 0
    made = Path(capsys.readouterr().out.strip())
    assert made.parent == home / "reports"
    parts = [f"run-{ids[w][:8]}" if isinstance(w, int) else w for w in words]
    parts[1] = str(parts[1]).replace("study.yaml", "second")
    assert made.name == f"{parts[0]}-beside-{parts[1]}.html"
    assert "<h1>first beside second</h1>" in made.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "report: must name a study or a run. layerwise status lists"),
        (["firts"], "but got 'firts'. Did you mean 'first'?"),
        (["--compare", "first", "secnd"], "but got 'secnd'. Did you mean 'second'?"),
        (["--compare", "first", "../second"], "must be a YAML file or the name of a study"),
        (["--compare", "first", "second", "third"], "--compare: must name both studies, and noth"),
        (["first", "second"], "must name one study, or run ids only"),
        (["first", "--format", "svg"], "--format: belongs to --figures"),
        (["0" * 32], "not found"),
        (["--compare", "first", "f" * 32], "not found"),
    ],
)
def test_mistakes(
    words: list[str], said: str, recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = recorded
    before = sorted(home.parent.rglob("*.html"))
    assert main(["--home", str(home), "report", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert sorted(home.parent.rglob("*.html")) == before


def test_two_executions_are_no_report_of_one(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    home, runs = recorded
    assert main(["--home", str(home), "report", *runs.values()]) == 2
    error = capsys.readouterr().err
    assert "must be of one study" in error
    assert runs["second"] in error
    assert "--compare" in error


def test_an_unknown_format_and_one_study_too_few_are_for_argparse(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = recorded
    for words in (["first", "--figures", "x", "--format", "gif"], ["--compare", "first"]):
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home), "report", *words])
        assert ended.value.code == 2
    assert "invalid choice: 'gif'" in capsys.readouterr().err


def test_without_kaleido_nothing_is_written(
    recorded: Recorded,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, _ = recorded
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    words = ["report", "first", "--out", str(tmp_path / "x.html"), "--figures", str(tmp_path / "y")]
    assert main(["--home", str(home), *words]) == 2
    assert "must be installed to write images. pip install 'layerwise[images]'" in (
        capsys.readouterr().err
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(
    recorded: Recorded,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, _ = recorded
    monkeypatch.setattr(export, "check", lambda: None)
    (tmp_path / "file").write_text("")
    assert main(["--home", str(home), "report", "first", "--figures", str(tmp_path / "file")]) == 2
    assert "must be writable, but got 'File exists'. Name another folder" in capsys.readouterr().err


def test_every_chart_becomes_a_file(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        export.check()
    except (export.ExportError, ImportError) as error:
        pytest.skip(str(error))
    home, _ = recorded
    page, folder = tmp_path / "new" / "both.html", tmp_path / "figures"
    words = ["report", "--compare", "first", "second", "--out", str(page)]
    words += ["--figures", str(folder), "--format", "svg"]
    assert main(["--home", str(home), *words]) == 0
    html = page.read_text("utf-8")
    payload = html.split('id="payload">')[1].split("</script>")[0]
    names = {f"{chart['name']}.svg" for chart in json.loads(payload)["charts"]}
    assert {path.name for path in folder.iterdir()} == names
    assert capsys.readouterr().out == f"{page}\n{len(names)} figures in {folder}\n"
