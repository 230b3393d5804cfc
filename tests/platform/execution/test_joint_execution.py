"""Studies that end in a joint stage, executed on a real Ray, undisturbed and with faults."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import ended_at, equal, recorded_runs, run, start, weights

from layerwise.models import load
from layerwise.platform.data import load as load_data
from layerwise.platform.execution.trained import estimator
from layerwise.platform.store import Store
from layerwise.platform.study import Data

# The study of the design, shorter in epochs and samples.
STUDY = """
study: stacked-denoising
question: Does corrupting the first layer help the second layer's code?
data: {{name: digits, validation: 0.15, test: 0.15}}
seeds: [0, 1, 2]
stages:
  - name: first
    model: denoising_autoencoder
    hidden: 128
    corruption: {{kind: masking, level: {{grid: [0.0, 0.1, 0.25, 0.4]}}}}
    epochs: 3
    keep: {{best: 2, by: validation/reconstruction_error}}
  - name: second
    model: contractive_autoencoder
    hidden: 32
    contraction: {{weight: {{log_uniform: [1.0e-3, 1.0], samples: 2}}}}
    epochs: 3
  - name: fine_tune
    model: fine_tune
    objective: reconstruction
    learning_rate: {{grid: [{rates}]}}
    epochs: 3
objective: {{minimize: validation/reconstruction_error}}
resources: {{cpus: 1, gpus: 0}}
"""
COUNTS = {"first": 12, "second": 2 * 2 * 3, "fine_tune": 2 * 2 * 3}
NAME = "stacked-denoising"

Finished = tuple[Path, Path, dict[str, Any]]


def write_study(folder: Path, rates: str = "0.002") -> Path:
    """The study's file."""
    path = folder / f"{NAME}.yaml"
    path.write_text(STUDY.format(rates=rates))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A home with an undisturbed run, the study's file, and what the run printed."""
    folder = tmp_path_factory.mktemp("finished")
    study = write_study(folder)
    return folder / "home", study, run(folder / "home", study)


def trials(home: Path) -> list[Any]:
    """The recorded runs of trials."""
    return [r for r in recorded_runs(home, NAME) if "layerwise.key" in r.data.tags]


def test_the_designs_study_runs_from_end_to_end(finished: Finished) -> None:
    home, _, printed = finished
    assert printed["plan"]["trained"] == sum(COUNTS.values())
    runs = trials(home)
    assert Counter(r.data.tags["layerwise.stage"] for r in runs) == COUNTS
    assert Counter(r.data.tags["layerwise.key"] for r in runs) == dict.fromkeys(weights(home), 1)
    tuned = [r for r in runs if r.data.tags["layerwise.stage"] == "fine_tune"]
    assert {r.data.params["layers"] for r in tuned} == {"[128]"}
    assert {r.data.params["hidden"] for r in tuned} == {"32"}
    assert {r.data.tags["layerwise.depth"] for r in tuned} == {"2"}
    # Everything counts on the data, so it is compared with PCA of the data.
    assert "the codes below it" not in printed["verdict"]
    assert all(row["metrics"]["test/probe_accuracy"]["mean"] > 0.5 for row in printed["ranked"])
    assert Path(printed["report"]).stat().st_size > 1_000_000


def test_the_best_is_served_as_one_network(finished: Finished) -> None:
    home, _, printed = finished
    test = load_data(Data(name="digits")).test
    [folder] = (home / "artifacts").rglob("network")
    best = estimator(printed["ranked"][0]["keys"][0], Store(home / "store"))
    np.testing.assert_array_equal(load(folder).reconstruct(test), best.reconstruct(test))


def test_a_changed_sweep_takes_the_rest_from_the_store(finished: Finished, tmp_path: Path) -> None:
    home, _, _ = finished
    before = ended_at(home)
    printed = run(home, write_study(tmp_path, rates="0.002, 0.01"))
    assert printed["plan"]["reused"] == sum(COUNTS.values())
    assert printed["plan"]["trained"] == COUNTS["fine_tune"]
    after = ended_at(home)
    assert all(after[key] == ended for key, ended in before.items())


def test_a_kill_at_a_random_moment_changes_no_bit_and_repeats_no_work(
    finished: Finished, tmp_path: Path
) -> None:
    home, study = tmp_path / "home", write_study(tmp_path)
    # The same machine's step times, so that the cohorts are the same ones.
    home.mkdir()
    (home / "calibration.json").write_bytes((finished[0] / "calibration.json").read_bytes())
    process = start(home, study)
    time.sleep(random.uniform(3.0, 8.0))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    survived = ended_at(home)
    run(home, study)
    assert {key: ended for key, ended in ended_at(home).items() if key in survived} == survived
    undisturbed, resumed = weights(finished[0]), weights(home)
    assert resumed.keys() <= undisturbed.keys()
    assert all(equal(resumed[key], undisturbed[key]) for key in resumed)
    runs = recorded_runs(home, NAME)
    assert "RUNNING" not in {r.info.status for r in runs}
    counts = Counter(r.data.tags["layerwise.key"] for r in trials(home))
    assert counts == dict.fromkeys(resumed, 1)
