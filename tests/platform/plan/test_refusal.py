"""A mistake in a stage is placed at its keys, for a person and for the file's reader."""

from __future__ import annotations

from layerwise.platform.plan.refusal import of_stage
from layerwise.platform.study import Stage, Study

FIRST = Stage(name="first", model="autoencoder")
SECOND = Stage(name="second", model="autoencoder")


def test_a_mistake_is_said_with_its_stage_and_its_path() -> None:
    study = Study(study="s", data="digits", stages=[FIRST, SECOND])
    error = of_stage(study, study.stages[1], "corruption.level", "must be small", 9, "Write less.")
    assert str(error) == "stage 'second': corruption.level: must be small, but got 9. Write less."
    [problem] = error.problems
    assert problem.path == ("stages", 1, "corruption", "level")
