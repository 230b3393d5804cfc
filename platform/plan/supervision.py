"""Stages that learn from labels: which they are, and whether the data can teach them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...models import registry
from ...models.network import Network
from ..study import Stage, Study
from .refusal import of_stage
from .trial import Source

_REMEDY = "Take data with labels: a .npz table with x and y, or digits, or mnist."


def supervised(model: str, visible: int, settings: Mapping[str, Any]) -> bool:
    """Whether a network of these settings learns from labels; it alone knows, so it is asked.

    Raises:
        HyperparameterError, InputError: no network can be made of these.
    """
    variant = registry.lookup(model)
    if variant.supervised is Network.supervised:
        return False
    declared = variant.hyperparameters
    numbers = {p: h.default for p, h in declared.items() if not h.structural}
    structures = tuple((p, v) for p, v in settings.items() if declared[p].structural)
    return _asked(model, visible, structures, tuple(numbers.items()))


def taught(
    study: Study, stage: Stage, source: Source, visible: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """The settings of a trial of this stage, ``classes`` filled in from the labels it learns from.

    Raises:
        StudyError: it learns from labels and the data have none, or more classes than written.
    """
    if not supervised(stage.model, visible, settings):
        return settings
    if not source.labels:
        path = _switch(stage, visible, settings)
        got = None if path == "model" else settings[path]
        raise of_stage(
            study, stage, path, "learns from labels, and the data have none", got, _REMEDY
        )
    if "classes" not in settings:
        return settings
    if "classes" not in stage.settings:
        return {**settings, "classes": source.classes}
    if settings["classes"] < source.classes:
        rule = f"must be at least the {source.classes} classes of the labels"
        remedy = "Leave it out: it is read from the data."
        raise of_stage(study, stage, "classes", rule, settings["classes"], remedy)
    return settings


def _switch(stage: Stage, visible: int, settings: Mapping[str, Any]) -> str:
    """The written hyperparameter that makes the stage learn from labels, else its model."""
    declared = registry.lookup(stage.model).hyperparameters
    for path in stage.settings:
        without = {**settings, path: declared[path].default}
        if declared[path].structural and not supervised(stage.model, visible, without):
            return path
    return "model"


@lru_cache(maxsize=1024)
def _asked(
    model: str,
    visible: int,
    structures: tuple[tuple[str, Any], ...],
    numbers: tuple[tuple[str, Any], ...],
) -> bool:
    settings = dict(structures) | dict(numbers)
    return registry.lookup(model)(visible, [settings], [0]).supervised
