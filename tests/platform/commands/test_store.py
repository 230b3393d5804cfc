"""``layerwise store``: who needs what, what goes, and what is found damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from without_ray import TWO_LAYERS, finish, schedule, train

from layerwise.platform.cli import main
from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.frozen_codes import codes
from layerwise.platform.execution.needs import register
from layerwise.platform.home import Home
from layerwise.platform.plan import Source, plan
from layerwise.platform.store import Store
from layerwise.platform.store.leases import Leases
from layerwise.platform.study import Study

FIRST, SECOND = TWO_LAYERS["stages"]
OTHER: dict[str, Any] = {
    **TWO_LAYERS,
    "study": "other",
    "stages": [{**FIRST, "corruption": {"kind": "gaussian", "level": {"grid": [0.2, 0.4]}}}],
}
Command = Callable[..., Any]


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    made = Home(tmp_path / "home")
    made.ensure()
    return made


@pytest.fixture
def command(home: Home, capsys: pytest.CaptureFixture[str]) -> Command:
    """``layerwise store … --json``, with what it printed."""

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["--home", str(home.path), "store", *words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def run(home: Home, written: dict[str, Any], data: DataSet, *, wholly: bool = True) -> set[str]:
    """As ``layerwise run`` leaves the home; the keys of what was trained."""
    study, source = Study(**written), Source.of(data)
    register(home, study, source, plan(study, source).key)
    store = Store(home.store)
    if wholly:
        return set(train(study, store, data).manifests)
    cohort = schedule(study, data).next()
    assert cohort is not None
    finish(cohort, data, store)
    return {trial.key for trial in cohort.trials}


def test_an_empty_home_has_nothing_and_stays_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "home")
    for words in (["ls"], ["gc"], ["gc", "--delete"], ["verify"]):
        assert main(["--home", place, "store", *words]) == 0
    assert "0 entries" in capsys.readouterr().out
    assert not (tmp_path / "home" / "plans").exists()


def test_entries_are_listed_with_the_studies_that_need_them(
    home: Home, data: DataSet, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = run(home, TWO_LAYERS, data), run(home, OTHER, data)
    said = command("ls")
    studies = {one["key"]: set(one["studies"]) for one in said["entries"]}
    assert studies == {
        key: ({"layers"} if key in ours else set()) | ({"other"} if key in theirs else set())
        for key in ours | theirs
    }
    assert sum(len(names) == 2 for names in studies.values()) == 2
    assert all(one["bytes"] > 0 and one["age_seconds"] >= 0 for one in said["entries"])
    assert {one["study"]: one["entries"] for one in said["studies"]} == {"layers": 12, "other": 4}
    assert main(["store", "ls", "--home", str(home.path)]) == 0
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["layers", "second", "8"] in [line[:3] for line in lines]
    assert "14 entries" in shown
    assert "(nobody)" not in shown


def test_what_is_in_training_is_said(
    home: Home, capsys: pytest.CaptureFixture[str], command: Command
) -> None:
    with Leases(home.store) as leases:
        leases.acquire(["ab" * 32])
        assert command("ls")["being_trained"] == {"ab" * 32: leases.name}
        assert main(["--home", str(home.path), "store", "ls"]) == 0
        assert "1 trials in training by process" in capsys.readouterr().out


def test_nothing_goes_before_it_is_told_to(
    home: Home, data: DataSet, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    old = run(home, TWO_LAYERS, data)
    new = run(home, {**TWO_LAYERS, "seeds": [0]}, data)
    assert new < old
    said = command("gc")
    assert set(said["entries"]) == old - new
    assert said["bytes"] > 0
    assert Store(home.store).keys() == old
    assert main(["--home", str(home.path), "store", "gc"]) == 0
    assert "Nothing was deleted; add --delete" in capsys.readouterr().out
    assert set(command("gc", "--delete")["entries"]) == old - new
    assert Store(home.store).keys() == new
    assert command("gc", "--delete")["entries"] == []


def test_unfinished_work_keeps_what_it_needs_whoever_is_named(
    home: Home, data: DataSet, command: Command
) -> None:
    done, begun = run(home, OTHER, data), run(home, TWO_LAYERS, data, wholly=False)
    third = run(home, {**OTHER, "study": "third", "seeds": [5]}, data)
    said = command("gc", "--keep", "third", "--delete")
    assert {one["study"]: one["why"] for one in said["kept"]} == {
        "third": "named",
        "layers": "unfinished, 8 trials to train",
    }
    assert set(said["entries"]) == done - begun
    assert Store(home.store).keys() == begun | third


def test_a_study_is_named_by_its_file_too(
    home: Home, data: DataSet, command: Command, tmp_path: Path
) -> None:
    old = run(home, TWO_LAYERS, data)
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump({**TWO_LAYERS, "study": "narrow", "seeds": [1]}))
    said = command("gc", "--keep", str(file))
    assert len(said["entries"]) == 6
    assert set(said["entries"]) < old


def test_a_name_that_is_none_is_a_mistake(
    home: Home, data: DataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    run(home, OTHER, data)
    assert main(["--home", str(home.path), "store", "gc", "--keep", "othr", "--delete"]) == 2
    assert "othr" in capsys.readouterr().err
    assert len(Store(home.store).keys()) == 4


def test_a_home_from_which_no_run_left_word_is_not_emptied(
    home: Home, data: DataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    train(Study(**OTHER), Store(home.store), data)
    assert main(["--home", str(home.path), "store", "gc", "--delete"]) == 2
    assert "--keep" in capsys.readouterr().err
    assert len(Store(home.store).keys()) == 4


def test_codes_go_with_their_entry_or_when_all_have_read_them(
    home: Home, data: DataSet, command: Command
) -> None:
    run(home, TWO_LAYERS, data)
    begun = run(home, {**TWO_LAYERS, "study": "begun", "seeds": [7]}, data, wholly=False)
    store = Store(home.store)
    for key in begun:
        codes(key, data, store)
    assert command("gc")["codes"] == []
    said = command("gc", "--codes", "--delete")
    assert said["entries"] == []
    assert len(said["codes"]) == 4
    assert not set(said["codes"]) & begun
    # They are made anew from the weights, which are there.
    assert codes(said["codes"][0], data, store)["train"].shape == (len(data.train), 12)
    run(home, {**TWO_LAYERS, "study": "begun", "seeds": [8]}, data)
    said = command("gc", "--delete")
    assert set(said["codes"]) == set(said["entries"]) == begun


def test_damage_is_found_set_aside_and_collected(
    home: Home, data: DataSet, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = run(home, TWO_LAYERS, data)
    assert command("verify") | {"bytes": 0} == {
        "entries": 12, "bytes": 0, "damaged": [], "damaged_codes": [], "studies": []
    }  # fmt: skip
    assert main(["--home", str(home.path), "store", "verify"]) == 0
    assert "all as they were written" in capsys.readouterr().out
    lost = sorted(keys)[3]
    for path in (
        home.store / lost[:2] / lost / "weights.safetensors",
        next(home.store.glob("codes/*/*/train.npy")),
    ):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    said = command("verify", code=1)
    assert said["damaged"] == [lost]
    assert len(said["damaged_codes"]) == 1
    assert said["studies"] == ["layers"]
    assert Store(home.store).keys() == keys - {lost}
    assert command("verify")["damaged"] == []
    assert len(command("ls")["quarantine"]) == 2
    assert len(command("gc", "--quarantine", "--delete")["quarantine"]) == 2
    assert command("ls")["quarantine"] == {}
