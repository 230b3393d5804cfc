"""What a run would train, before anything trains, and without Ray or MLflow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import layerwise
from without_ray import TWO_LAYERS, train

from layerwise.platform.cli import main
from layerwise.platform.home import Home
from layerwise.platform.store import Store
from layerwise.platform.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two layers, as a file."""
    path = tmp_path / "layers.yaml"
    path.write_text(Study(**TWO_LAYERS).to_yaml())
    return path


def test_a_plan_imports_neither_ray_nor_mlflow_and_writes_nothing(
    study: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    listing = tmp_path_factory.mktemp("imported") / "modules"
    words = ("--home", str(tmp_path / "home"), "plan", study.name)
    ended = layerwise(*words, cwd=tmp_path, listing=listing)
    assert ended.code == 0, ended.error
    assert not ended.error
    assert not ended.imported & {"ray", "mlflow", "pandas", "sklearn", "plotly"}
    assert list(tmp_path.iterdir()) == [study]


def test_the_plan_names_stages_trials_and_cost(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), "plan", str(study)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "Do two layers help?" in output
    assert "first denoising_autoencoder the data 2 2 4 0" in output
    assert "second contractive_autoencoder first 4 2 8 0" in output
    assert "12 trials on digits: 1258 training samples, 64 numbers each." in output
    assert "To train: 12, fused into 2 cohorts, about" in output


def test_json_has_the_same_as_values(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(study), "--json", "--home", str(tmp_path / "home")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["study"], told["trials"], told["cohorts"], told["reused"]) == ("layers", 12, 2, 0)
    assert [(s["name"], s["trials"], s["after"]) for s in told["stages"]] == [
        ("first", 4, []),
        ("second", 8, ["first"]),
    ]
    assert told["estimated_minutes"] >= 0


def test_a_joint_stage_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = [*TWO_LAYERS["stages"], {"name": "tuned", "model": "fine_tune"}]
    path = tmp_path / "tuned.yaml"
    path.write_text(Study(**TWO_LAYERS | {"stages": stages}).to_yaml())
    assert main(["--home", str(tmp_path / "home"), "plan", str(path)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "tuned fine_tune second, jointly 4 2 8 0" in output
    assert main(["--home", str(tmp_path / "home"), "plan", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [stage["joint"] for stage in told["stages"]] == [False, False, True]


def test_what_the_store_holds_is_not_trained_again(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    first = TWO_LAYERS | {"stages": TWO_LAYERS["stages"][:1]}
    train(Study(**first), Store(Home(home).store))
    assert main(["--home", str(home), "plan", str(study), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["reused"], [s["reused"] for s in told["stages"]]) == (4, [4, 0])
    train(Study(**TWO_LAYERS), Store(Home(home).store))
    assert main(["--home", str(home), "plan", str(study)]) == 0
    assert "Nothing is left to train." in " ".join(capsys.readouterr().out.split())


def test_a_promotion_leaves_the_plan_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = TWO_LAYERS["stages"]
    kept = TWO_LAYERS | {"stages": [first | {"keep": {"best": 1}}, second]}
    path = tmp_path / "kept.yaml"
    path.write_text(Study(**kept).to_yaml())
    assert main(["--home", str(tmp_path / "home"), "plan", str(path)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "up to 4" in output
    assert "fused into 1 cohort or more" in output
    assert main(["--home", str(tmp_path / "home"), "plan", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [stage["decided"] for stage in told["stages"]] == [True, False]


def test_a_budget_leaves_trials_to_another_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bounded.yaml"
    path.write_text(Study(**TWO_LAYERS | {"budget": {"trials": 7}}).to_yaml())
    words = ["--home", str(tmp_path / "home"), "plan", str(path)]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["to_train"] + told["unspent"] == told["trials"] == 12
    assert told["unspent"] >= 5
    assert main([*words, "--simulate", "2 cpus"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert f"To train: {told['to_train']}, fused" in output
    assert f"Left to another day: {told['unspent']}, since the budget of 7 trials" in output
    assert "The study's budget is not applied." in output


def test_seeds_that_may_be_added_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "more.yaml"
    more = {"until": 0.005, "max": 12, "start": 2}
    path.write_text(Study(**TWO_LAYERS | {"seeds": more}).to_yaml())
    assert main(["--home", str(tmp_path / "home"), "plan", str(path)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "second contractive_autoencoder first 4 2 to 12 8 0" in output
