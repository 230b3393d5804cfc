"""A plan replayed on a cluster that nobody has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from without_ray import TWO_LAYERS, train

from layerwise.platform.cli import main
from layerwise.platform.home import Home
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ROWS = ("as_planned", "without_sharing", "without_fusion", "without_either")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two layers, 4 and 8 trials, as a file."""
    path = tmp_path / "layers.yaml"
    path.write_text(Study(**TWO_LAYERS).to_yaml())
    return path


def simulation(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["plan", *words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)["simulation"]
    return found


def test_every_way_of_running_it_is_told(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    words = (str(study), "--home", str(home), "--simulate", "4 nodes x 2 cpus", "--price", "2.5")
    told = simulation(capsys, *words)
    assert (told["cluster"], told["devices"], told["side_by_side"]) == ("4 nodes x 2 cpus", 8, 8)
    rows = {name: told[name] for name in ROWS}
    assert [row["stage_trainings"] for row in rows.values()] == [12, 16, 12, 16]
    assert [rows[name]["tasks"] for name in ("without_fusion", "without_either")] == [12, 8]
    for row in rows.values():
        assert row["device_hours"] == pytest.approx(row["makespan_seconds"] * 8 / 3600, rel=1e-3)
        assert row["cost"] == pytest.approx(2.5 * row["device_hours"], rel=1e-3)
        offered = 8 * row["makespan_seconds"]
        assert row["idle_share"] == pytest.approx(1 - row["busy_seconds"] / offered, abs=1e-3)
    assert rows["without_either"]["busy_seconds"] > rows["without_fusion"]["busy_seconds"]
    assert not home.exists()


def test_durations_of_what_is_stored_count(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    train(Study(**TWO_LAYERS), Store(Home(home).store))
    words = (str(study), "--home", str(home), "--simulate", "64 gpus")
    told = simulation(capsys, *words)
    assert told["times"]["cohorts"] == 2
    assert told["as_planned"]["cost"] is None
    assert told["as_planned"]["stage_trainings"] == 12
    assert main(["plan", *words]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "Imagined on 64 gpus 64 side by side" in output
    assert "so long did 2 stored cohorts take" in output
    assert "without sharing 16" in output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--simulate", "64 tpus"], "must be a number of gpus or cpus"),
        (["--price", "2"], "that --simulate names"),
        (["--simulate", "64 gpus", "--price", "-1"], "must be a number from 0"),
    ],
)
def test_mistakes_are_told(
    study: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["plan", str(study), *words]) == 2
    assert said in capsys.readouterr().err
