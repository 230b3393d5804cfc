"""A forked study: what was stored by another plan is compared with, and decides for new seeds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from without_ray import schedule

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.earlier_rungs import remember
from layerwise.platform.execution.early_stopping import folder_of
from layerwise.platform.execution.entries import entry_key
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.plan.trial import Trial
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ERROR = "validation/reconstruction_error"
HALVING: dict[str, Any] = {"halving": {"by": ERROR, "from": 1, "factor": 3}}
BOTH = HALVING | {"median": {"by": ERROR, "from": 2}, "plateau": {"by": ERROR, "patience": 3}}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(
        Study(study="s", data="digits", stages=[{"name": "a", "model": "autoencoder"}]).data
    )


def cohort(data: DataSet, seeds: Sequence[int], stop: dict[str, Any] | None = None) -> Cohort:
    """Nine settings of a stage of four epochs."""
    stage: dict[str, Any] = {
        "name": "codes",
        "model": "denoising_autoencoder",
        "hidden": 6,
        "corruption": {"level": {"grid": [0.0, 0.2, 0.4]}},
        "learning_rate": {"grid": [0.0003, 0.003, 0.02]},
        "epochs": 4,
    }
    rules = {} if stop is None else {"stop": stop}
    found = schedule(Study(study="s", data="digits", seeds=seeds, stages=[stage | rules]), data)
    made = found.next()
    assert made is not None
    return made


def train(trained: Cohort, data: DataSet, store: Store, rungs: Path | None) -> None:
    """Train a cohort to its end."""
    run = CohortRun(trained, data, store, rungs=rungs)
    while not run.advance(60):
        pass


def stored(trials: Sequence[Trial], store: Store) -> list[tuple[Trial, dict[str, Any]]]:
    """Trials with their manifests."""
    return [(trial, store.manifest(str(entry_key(trial, store)))) for trial in trials]


def kept(trials: Sequence[Trial], store: Store) -> set[str]:
    """The settings that were trained to their end."""
    return {trial.setting for trial in trials if entry_key(trial, store) == trial.key}


@pytest.mark.parametrize("stop", [HALVING, BOTH], ids=["halving", "both"])
def test_it_is_what_the_cohort_itself_has_written(
    data: DataSet, tmp_path: Path, stop: dict[str, Any]
) -> None:
    store, own, again = Store(tmp_path / "store"), tmp_path / "own", tmp_path / "again"
    first = cohort(data, [0, 1], stop)
    train(first, data, store, own)
    remember(own, stored(first.trials, store))
    remember(again, stored(first.trials, store))
    name = f"{folder_of(first.trials[0])}/{first.name}.jsonl"
    written, made = (
        {
            (line["rule"], line["epoch"], "left" in line): line
            for text in (folder / name).read_text().splitlines()
            if text and "rule" in (line := json.loads(text))
        }
        for folder in (own, again)
    )
    assert written
    assert made.keys() == written.keys()
    for key, line in written.items():
        assert made[key]["values"] == pytest.approx(line["values"]), key
        rule, epoch, _ = key
        gone = [m["stopped_at"] == epoch and m["stopped_by"] == rule
                for _, m in stored(first.trials, store)]  # fmt: skip
        if rule == "halving" and "left" in line:
            assert made[key]["left"] == line["left"]
            assert len(line["left"]) == sum(gone) / 2


def test_new_seeds_of_a_finished_study_complete_the_same_settings(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    first, further = cohort(data, [0], HALVING), cohort(data, [5], HALVING)
    train(first, data, store, tmp_path / "one")
    remember(tmp_path / "other", stored(first.trials, store))
    train(further, data, store, tmp_path / "other")
    assert len(kept(first.trials, store)) == 1
    assert kept(further.trials, store) == kept(first.trials, store)


def test_what_was_trained_without_the_rule_is_compared_with_and_decides_nothing(
    data: DataSet, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    train(cohort(data, [0]), data, store, None)
    ruled, further = cohort(data, [0], HALVING), cohort(data, [5], HALVING)
    remember(tmp_path / "rungs", stored(ruled.trials, store))
    assert len(kept(ruled.trials, store)) == 9
    train(further, data, store, tmp_path / "rungs")
    # A third of 18 after the first epoch, some of them with seed 0.
    assert len(kept(further.trials, store)) < 9
    [path] = (tmp_path / "rungs" / folder_of(ruled.trials[0])).glob(f"{further.name}.jsonl")
    lines = [json.loads(text) for text in path.read_text().splitlines() if text]
    [left] = [line["left"] for line in lines if line.get("epoch") == 1 and "left" in line]
    assert 9 - 6 <= len(left) <= 9


def test_trials_without_such_rules_are_left_alone(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    plain = cohort(data, [0])
    train(plain, data, store, None)
    remember(tmp_path / "rungs", stored(plain.trials, store))
    assert not (tmp_path / "rungs").exists()
