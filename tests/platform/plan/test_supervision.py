"""Stages that learn from labels."""

from __future__ import annotations

from typing import Any

import pytest

from layerwise.models import registry
from layerwise.platform.errors import StudyError
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.supervision import supervised
from layerwise.platform.study import Stage, Study

LABELLED = Source(digest="d" * 64, visible=64, samples=1000, labels="e" * 64, classes=3)
PLAIN = Source(digest="d" * 64, visible=64, samples=1000)
FIRST = Stage(name="first", model="autoencoder", hidden=8)


def tuned(**rest: Any) -> Stage:
    return Stage(name="tuned", model="fine_tune", **rest)


def trials(source: Source, *stages: Stage) -> list[Trial]:
    return list(plan(Study(study="taught", data="digits", stages=stages), source).trials())


def test_the_network_knows_whether_it_needs_labels() -> None:
    def asked(model: str, **given: Any) -> bool:
        settings = registry.resolve(registry.lookup(model), {"hidden": 4, **given})
        return supervised(model, 6, settings)

    assert not asked("autoencoder")
    assert not asked("fine_tune", objective="reconstruction")
    assert asked("fine_tune", objective="classification")


def test_labels_that_are_missing_are_said_at_the_setting_that_needs_them() -> None:
    trials(PLAIN, FIRST, tuned(objective="reconstruction"))
    for objective in ("classification", {"grid": ["reconstruction", "classification"]}):
        with pytest.raises(StudyError, match=r"'tuned': objective: learns from labels.*npz"):
            trials(PLAIN, FIRST, tuned(objective=objective, learning_rate=0.1))


def test_classes_come_from_the_labels() -> None:
    def classes(**written: Any) -> int:
        return int(trials(LABELLED, FIRST, tuned(**written))[-1].settings["classes"])

    assert classes(objective="classification") == 3
    assert classes(objective="classification", classes=5) == 5
    with pytest.raises(StudyError, match=r"'tuned': classes: .*at least the 3 classes.*got 2"):
        classes(objective="classification", classes=2)


def test_keys_depend_on_labels_where_there_are_any() -> None:
    # Final measures read them for every stage, and stand in its history.
    others = Source("d" * 64, 64, 1000, labels="f" * 64, classes=3)
    found = [trials(source, FIRST, tuned()) for source in (PLAIN, LABELLED, others)]
    assert len({trial.key for made in found for trial in made}) == 6
    assert [t.key for t in trials(LABELLED, FIRST, tuned())] == [t.key for t in found[1]]
