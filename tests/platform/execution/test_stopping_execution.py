"""Trials that end early, in whole executions on a real Ray: by halving, and by diverging."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import ended_at, recorded_runs, run
from without_ray import train

from layerwise.platform.store import Store
from layerwise.platform.study.reading import read_study

HALVED = """
study: halved
data: digits
seeds: [0, 1]
dtype: float64
stages:
  - name: first
    model: denoising_autoencoder
    hidden: 12
    corruption: {{level: {{grid: [0.0, 0.2, 0.4]}}}}
    learning_rate: {{grid: [0.0003, 0.003, 0.02]}}
    epochs: 4
    {stop}
  - {{name: second, model: autoencoder, hidden: 4, epochs: 2}}
"""
WILD = """
study: wild
data: digits
dtype: float64
stages:
  - name: first
    model: autoencoder
    hidden: 8
    activation: relu
    optimiser: momentum
    learning_rate: {{grid: [{rates}]}}
    epochs: 4
  - {{name: second, model: autoencoder, hidden: 4, epochs: 2}}
"""
Finished = tuple[Path, Path, dict[str, Any]]


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A home with a study whose first stage is halved, its file, and what the run printed."""
    folder = tmp_path_factory.mktemp("halved")
    study = folder / "halved.yaml"
    study.write_text(HALVED.format(stop="stop: {halving: {from: 1, factor: 3}}"))
    return folder / "home", study, run(folder / "home", study, "--no-report")


def test_what_was_stopped_is_recorded_has_no_children_and_is_no_failure(halved: Finished) -> None:
    home, _, printed = halved
    plan = printed["plan"]
    # Nine settings, of which three go on after the first epoch and one after the third.
    assert (plan["trained"], plan["stopped"], plan["skipped"]) == (18 + 2, 16, 0)
    runs = [r for r in recorded_runs(home, "halved") if "layerwise.key" in r.data.tags]
    assert len(runs) == 20
    assert {r.info.status for r in runs} == {"FINISHED"}
    stopped = [r for r in runs if "layerwise.stopped_at" in r.data.tags]
    assert Counter(r.data.tags["layerwise.stopped_at"] for r in stopped) == {"1": 12, "3": 4}
    assert {r.data.tags["layerwise.stopped_by"] for r in stopped} == {"halving"}
    parents = {r.data.tags["layerwise.parent_key"] for r in runs} - {""}
    assert len(parents) == 2
    assert not parents & {r.data.tags["layerwise.key"] for r in stopped}


def test_running_again_takes_the_stopped_ones_as_done(halved: Finished) -> None:
    home, study, _ = halved
    before, runs = ended_at(home), len(recorded_runs(home, "halved"))
    printed = run(home, study, "--no-report")
    assert (printed["plan"]["trained"], printed["plan"]["reused"]) == (0, 20)
    assert ended_at(home) == before
    assert len(recorded_runs(home, "halved")) == runs


def test_without_the_rule_the_stopped_ones_are_trained_to_their_end(halved: Finished) -> None:
    """Last, since it adds to the home: each is recorded beside what it was when it stopped."""
    home, study, _ = halved
    before = ended_at(home)
    whole = study.with_name("whole.yaml")
    whole.write_text(HALVED.format(stop=""))
    printed = run(home, whole, "--no-report")
    assert (printed["plan"]["reused"], printed["plan"]["trained"]) == (4, 16 + 16)
    after = ended_at(home)
    assert {key: after[key] for key in before} == before
    keys = [r.data.tags.get("layerwise.key") for r in recorded_runs(home, "halved")]
    assert Counter(key for key in keys if key) == dict.fromkeys(after, 1)


def test_a_trial_that_diverges_leaves_its_siblings_as_they_were(tmp_path: Path) -> None:
    home, path, tame = tmp_path / "home", tmp_path / "wild.yaml", tmp_path / "tame.yaml"
    path.write_text(WILD.format(rates="0.001, 1.0e+4, 0.002"))
    tame.write_text(WILD.format(rates="0.001, 0.002"))
    printed = run(home, path, "--no-report", code=1)
    assert printed["plan"]["diverged"] == printed["plan"]["skipped"] == 1
    assert printed["plan"]["trained"] == 3 + 2
    runs = [r for r in recorded_runs(home, "wild") if "layerwise.key" in r.data.tags]
    [lost] = [r for r in runs if r.info.status == "FAILED"]
    # 13 steps an epoch, counted through all epochs.
    epoch, step = (int(lost.data.tags[f"layerwise.diverged_{name}"]) for name in ("at", "step"))
    assert (epoch - 1) * 13 <= step < epoch * 13
    assert step > 1, "it trained for a while"
    key = lost.data.tags["layerwise.key"]
    manifest = Store(home / "store").manifest(key)
    assert (manifest["diverged_at"], manifest["diverged_step"]) == (epoch, step)
    children = {r.data.tags["layerwise.parent_key"] for r in runs}
    assert key not in children

    assert list(printed["plan"]["causes"].values()) == [f"its parent {key[:12]} diverged"]

    # The same study without it: the keys are the same, and so are the numbers.
    store, without = Store(home / "store"), Store(tmp_path / "without")
    outcome = train(read_study(tame), without)
    assert len(outcome.manifests) == 2 + 2
    for key, expected in outcome.manifests.items():
        found = store.read(key)
        for name, array in without.read(key).weights.items():
            np.testing.assert_allclose(found.weights[name], array, rtol=1e-10, atol=1e-10)
        for name, points in expected["history"].items():
            np.testing.assert_allclose(found.manifest["history"][name], points, rtol=1e-10)
