"""Mistakes that show only when a study's stages are expanded, at the keys where they stand."""

from __future__ import annotations

from ..study import Stage, Study
from ..study.validation import InvalidStudyError, Key, Problem


def of_stage(
    study: Study, stage: Stage, path: str, rule: str, got: object, remedy: str | None
) -> InvalidStudyError:
    """The error for a mistake at a dotted path of a stage, such as ``corruption.level``."""
    keys: tuple[Key, ...] = ("stages", study.stages.index(stage), *path.split("."))
    place = f"stage {stage.name!r}: {path}"
    return InvalidStudyError([Problem(keys, rule, got, remedy)], [place])
