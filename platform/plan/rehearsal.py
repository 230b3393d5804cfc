"""A rehearsal: a step of every stage on two samples, for mistakes that only trying can find.

A metric's name is right when some network reports it, and a variant knows best which data it can
learn from. Both are asked here, in milliseconds, before anything starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ...models import registry
from ...models.errors import InputError, near_miss
from ...models.estimator import DTYPES
from ..study import Stage, Study
from ..study.domains import Domain
from ..study.validation import InvalidStudyError, Key, Problem
from .tree import of_stage

SAMPLES = 2


def rehearse(study: Study, train: np.ndarray) -> None:
    """Try the first setting of every stage.

    Args:
        study: what the person wrote.
        train: the training samples (N, V) of its data.

    Raises:
        StudyError: a metric that the stage it ranks does not have, or data that the model of a
            first stage cannot learn from.
    """
    widths: dict[str, int] = {}
    ordered = study.in_order()
    for stage in ordered:
        settings = _first_settings(stage)
        visible = sum(widths[name] for name in stage.after) if stage.after else train.shape[1]
        widths[stage.name] = int(settings["hidden"])
        last = stage is ordered[-1]
        if stage.after and stage.keep is None and not last:
            continue
        samples = np.zeros((SAMPLES, visible)) if stage.after else train
        try:
            found = _metrics(stage, study.dtype, settings, samples)
        except InputError as error:
            raise of_stage(study, stage, "model", error.rule, error.got, error.remedy) from error
        if stage.keep is not None:
            _require(
                stage.keep.by, found, stage, ("stages", study.stages.index(stage), "keep", "by")
            )
        if last:
            goal = study.objective
            _require(goal.metric, found, stage, ("objective", goal.direction))


def _first_settings(stage: Stage) -> dict[str, Any]:
    fixed = {p: v for p, v in stage.settings.items() if not isinstance(v, Domain)}
    return registry.resolve(registry.lookup(stage.model), {**fixed, **stage.points()[0]})


def _metrics(
    stage: Stage, dtype: str, settings: Mapping[str, object], samples: np.ndarray
) -> list[str]:
    """The metrics a trial of the stage will have."""
    x = torch.tensor(samples, dtype=DTYPES[dtype])[None]
    network = registry.lookup(stage.model)(x.shape[-1], [settings], [0], DTYPES[dtype])
    network.meet(x)
    few = x[:, :SAMPLES]
    reported = network.gradients(few, network.draws(1, 0))[1]
    measured = network.evaluate(few, few)
    return [
        *(f"train/{name}" for name in reported),
        *(f"{split}/{name}" for split in ("validation", "test") for name in measured),
    ]


def _require(metric: str, found: list[str], stage: Stage, keys: tuple[Key, ...]) -> None:
    if metric in found:
        return
    guess = near_miss(metric, found)
    remedy = f"Did you mean {guess}?" if guess else f"It has {', '.join(found)}."
    rule = f"must be a metric of {stage.model}"
    raise InvalidStudyError([Problem(keys, rule, metric, remedy)])
