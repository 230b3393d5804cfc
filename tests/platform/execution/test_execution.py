"""Whole executions on a real embedded Ray, with real faults."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from running import (
    apart,
    ended_at,
    recorded_runs,
    run,
    start,
    until,
    weights,
    write_study,
)

Weights = dict[str, Mapping[str, np.ndarray]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, object]]:
    """A home with an undisturbed run, the study's file, and what the run printed."""
    folder = tmp_path_factory.mktemp("finished")
    study = write_study(folder)
    return folder / "home", study, run(folder / "home", study)


@pytest.fixture(scope="module", autouse=True)
def undisturbed(finished: tuple[Path, Path, dict[str, object]]) -> Weights:
    """That run's weights, before a test has one of its trials trained again in another cohort.

    The same trial in another cohort may differ in the last bit of single precision.
    """
    return weights(finished[0])


def test_every_trial_is_trained_stored_and_recorded_once(
    finished: tuple[Path, Path, dict[str, object]],
) -> None:
    home, _, printed = finished
    assert printed["plan"]["trials"] == printed["plan"]["trained"] == 4 + 8  # type: ignore[index]
    runs = recorded_runs(home, "layers")
    trials = [r for r in runs if r.data.tags["layerwise.kind"] == "trial"]
    assert len(weights(home)) == 12
    assert Counter(r.data.tags["layerwise.key"] for r in trials) == dict.fromkeys(weights(home), 1)
    assert {r.info.status for r in runs} == {"FINISHED"}
    depths = Counter(r.data.tags["layerwise.depth"] for r in trials)
    assert depths == {"0": 4, "1": 8}


def test_children_carry_their_lineage(finished: tuple[Path, Path, dict[str, object]]) -> None:
    runs = recorded_runs(finished[0], "layers")
    by_key = {r.data.tags.get("layerwise.key"): r for r in runs}
    for child in runs:
        if child.data.tags.get("layerwise.stage") != "second":
            continue
        parent = by_key[child.data.tags["layerwise.parent_key"]]
        assert parent.data.tags["layerwise.stage"] == "first"
        assert parent.data.tags["layerwise.seed"] == child.data.tags["layerwise.seed"]
        level = parent.data.params["corruption.level"]
        assert child.data.params["first.corruption.level"] == level


def test_the_answer_is_ranked_and_reported(
    finished: tuple[Path, Path, dict[str, object]],
) -> None:
    _, _, printed = finished
    means = [
        row["metrics"]["validation/reconstruction_error"]["mean"]
        for row in printed["ranked"]  # type: ignore[attr-defined]
    ]
    assert len(means) == 4
    assert means == sorted(means)
    assert Path(str(printed["report"])).stat().st_size > 1_000_000
    assert set(printed["seconds"]) >= {"start", "train", "track", "report"}  # type: ignore[call-overload]


def test_running_again_trains_nothing_and_adds_nothing(
    finished: tuple[Path, Path, dict[str, object]],
) -> None:
    home, study, _ = finished
    before, runs = ended_at(home), len(recorded_runs(home, "layers"))
    printed = run(home, study)
    assert printed["plan"]["trained"] == 0
    assert printed["plan"]["reused"] == 12
    assert ended_at(home) == before
    assert len(recorded_runs(home, "layers")) == runs


def test_a_changed_value_retrains_only_what_it_reaches(
    finished: tuple[Path, Path, dict[str, object]], tmp_path: Path
) -> None:
    home, _, _ = finished
    before = ended_at(home)
    printed = run(home, write_study(tmp_path, levels="0.0, 0.3"))
    assert printed["plan"]["reused"] == 2 + 4
    assert printed["plan"]["trained"] == 2 + 4
    after = ended_at(home)
    assert all(after[key] == ended for key, ended in before.items())
    assert len(after) == 12 + 6


def test_another_study_takes_the_shared_prefix_from_the_store(
    finished: tuple[Path, Path, dict[str, object]], tmp_path: Path
) -> None:
    home, _, _ = finished
    printed = run(home, write_study(tmp_path, name="other", levels="0.2"))
    assert printed["plan"]["trained"] == 0
    assert printed["plan"]["seconds_saved"] > 0
    not_trained = printed["plan"]["not_trained"]
    assert {stage: of["trials"] for stage, of in not_trained.items()} == {"first": 2, "second": 4}
    assert sum(of["seconds"] for of in not_trained.values()) == pytest.approx(
        printed["plan"]["seconds_saved"]
    )
    runs = recorded_runs(home, "other")
    trials = [r for r in runs if r.data.tags["layerwise.kind"] == "trial"]
    assert len(trials) == 2 + 4
    assert {r.data.tags.get("layerwise.reused") for r in trials} == {"true"}


def test_a_damaged_entry_is_set_aside_and_trained_again(
    finished: tuple[Path, Path, dict[str, object]],
) -> None:
    home, study, printed = finished
    before = ended_at(home)
    key = printed["ranked"][-1]["keys"][0]  # type: ignore[index]
    path = home / "store" / key[:2] / key / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 0x10
    path.write_bytes(content)
    process = start(home, study)
    output, error = process.communicate(timeout=180)
    assert process.returncode == 0, error
    assert json.loads(output)["plan"]["trained"] == 1
    assert sum("quarantine" in line for line in error.splitlines()) == 1
    after = ended_at(home)
    assert after.keys() == before.keys()
    assert {k for k in after if after[k] != before[k]} == {key}
    assert len(list((home / "store" / "quarantine").iterdir())) == 1


def test_a_kill_at_a_random_moment_changes_no_bit_and_repeats_no_work(
    finished: tuple[Path, Path, dict[str, object]], undisturbed: Weights, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    study = write_study(tmp_path)
    # The same machine's step times, so that the cohorts are the same ones.
    home.mkdir()
    (home / "calibration.json").write_bytes((finished[0] / "calibration.json").read_bytes())
    process = start(home, study)
    # A whole run takes about eight seconds: from before Ray to the last cohorts.
    time.sleep(random.uniform(1.0, 7.0))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    survived = ended_at(home)
    run(home, study)
    assert {key: ended for key, ended in ended_at(home).items() if key in survived} == survived
    resumed = weights(home)
    assert resumed.keys() <= undisturbed.keys()
    assert len(resumed) == 12
    other = {key: apart(resumed[key], undisturbed[key]) for key in resumed}
    # Which trials, by how much, and what was there already: a moment does not come again.
    assert not {k: far for k, far in other.items() if far}, (sorted(survived), other)
    runs = recorded_runs(home, "layers")
    assert "RUNNING" not in {r.info.status for r in runs}
    counts = Counter(
        r.data.tags.get("layerwise.key") for r in runs if "layerwise.key" in r.data.tags
    )
    assert counts == dict.fromkeys(resumed, 1)


def test_a_polite_signal_ends_cleanly_and_the_study_goes_on(tmp_path: Path) -> None:
    home, study = tmp_path / "home", write_study(tmp_path, epochs=20_000)
    process = start(home, study)
    until(lambda: any((home / "ray").glob("trials/cohort_*")))
    time.sleep(random.uniform(0.0, 3.0))
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 143, error
    assert "Traceback" not in error
    assert "stopping" in error
    assert "RUNNING" not in {r.info.status for r in recorded_runs(home, "layers")}


def test_a_diverging_trial_is_marked_and_its_descendants_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "wild.yaml"
    path.write_text(
        """
study: wild
data: digits
stages:
  - name: first
    model: autoencoder
    hidden: 8
    activation: relu
    optimiser: momentum
    learning_rate: {grid: [0.001, 1.0e+12]}
    epochs: 3
  - {name: second, model: autoencoder, hidden: 4, epochs: 2}
"""
    )
    printed = run(tmp_path / "home", path, code=1)
    expected = {
        "trials": 4, "reused": 0, "trained": 3, "failed": 0, "skipped": 1, "diverged": 1,
        "seconds_saved": 0, "not_trained": {},
    }  # fmt: skip
    assert {name: printed["plan"][name] for name in expected} == expected
    runs = recorded_runs(tmp_path / "home", "wild")
    lost = [r for r in runs if r.info.status == "FAILED" and "layerwise.key" in r.data.tags]
    assert len(lost) == 1
    assert "layerwise.diverged_at" in lost[0].data.tags
    assert len(printed["ranked"]) == 1
