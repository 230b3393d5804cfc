"""A finished study that is changed trains the difference, and takes the rest from the store."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from in_one_session import Heard, execution, run
from running import ended_at
from without_ray import TWO_LAYERS

from layerwise.platform.execution.execution import Outcome
from layerwise.platform.execution.ray_session import RaySession

FIRST, SECOND = TWO_LAYERS["stages"]
THIRD = {"name": "third", "model": "autoencoder", "hidden": 2, "epochs": 1}


def study(levels: list[float], weights: list[float], **changed: Any) -> dict[str, Any]:
    """Two layers with these corruption levels, and these contraction weights."""
    first = {**FIRST, "corruption": {"kind": "gaussian", "level": {"grid": levels}}}
    second = {**SECOND, "contraction": {"weight": {"grid": weights}}}
    return {**TWO_LAYERS, "stages": [first, second], **changed}


FINISHED = study([0.0, 0.2], [0.0, 0.1])
FORKS = {
    # One more level in the first layer with its second layer, for two seeds.
    "a wider grid": (study([0.0, 0.1, 0.2], [0.0, 0.1]), {"first": 2, "second": 4}),
    "another seed": (
        study([0.0, 0.2], [0.0, 0.1], seeds=[0, 1, 2]),
        {"first": 2, "second": 4},
    ),
    "another stage": (
        {**FINISHED, "stages": [*FINISHED["stages"], THIRD]},
        {"third": 8},
    ),
    "another name": ({**FINISHED, "study": "renamed", "question": "Why not?"}, {}),
    "fewer": (study([0.2], [0.1]), {}),
}


@pytest.fixture(scope="module")
def home(ray_session: RaySession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the study was run to its end."""
    place = tmp_path_factory.mktemp("finished") / "home"
    outcome = run(ray_session, execution(place, FINISHED))
    assert len(outcome.trained) == 4 + 8
    return place


def by_stage(outcome: Outcome, keys: tuple[str, ...]) -> Mapping[str, int]:
    """How many of the keys belong to each stage."""
    stages = {trial.key: trial.stage for trial in outcome.plan.trials()}
    return Counter(stages[key] for key in keys)


@pytest.mark.parametrize("change", FORKS)
def test_a_fork_trains_the_difference(
    home: Path, ray_session: RaySession, tmp_path: Path, change: str
) -> None:
    forked, expected = FORKS[change]
    # A copy, so that no fork finds what an earlier one added.
    place = Path(shutil.copytree(home, tmp_path / "home", ignore=shutil.ignore_patterns("ray")))
    before = ended_at(place)
    heard = Heard()
    outcome = run(ray_session, execution(place, forked), heard)
    trained = set(outcome.trained)
    assert by_stage(outcome, outcome.trained) == expected
    assert {t.key for c in heard.started_ for t in c.trials} == trained
    assert {key: ended for key, ended in ended_at(place).items() if key in before} == before
    assert ended_at(place).keys() - before.keys() == trained
    # The record gets every trial once, and what was reused says so.
    assert sorted(t.key for t in heard.recorded) == sorted(outcome.manifests)
    assert {t.key for t in heard.recorded if not t.reused} == trained
    assert len(outcome.manifests) == outcome.plan.expected
    assert outcome.seconds_saved > 0
