"""Whether several workers can share every batch of a study: asked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...models import registry
from ..study import Study
from .refusal import of_stage
from .trial import Trial


def require_divisible(study: Study, sketched: Mapping[str, Sequence[Trial]]) -> None:
    """Refuse ``workers`` for stages whose batches cannot be divided among them.

    Args:
        study: what the person wrote.
        sketched: for each stage the trials of all its settings.

    Raises:
        StudyError: a variant whose step needs a whole batch, or a batch with fewer samples than
            there are workers.
    """
    workers = study.resources.workers
    if workers == 1:
        return
    for stage in study.stages:
        for trial in sketched[stage.name]:
            reason = registry.lookup(trial.model).indivisible(trial.settings)
            if reason:
                rule = f"cannot be trained by {workers} workers: {reason}"
                remedy = "Write `workers: 1` under `resources`; a cohort still trains fused."
                raise of_stage(study, stage, "model", rule, trial.model, remedy)
            batch = trial.settings["batch_size"]
            if batch < workers:
                rule = f"must be at least the {workers} workers that share a batch"
                raise of_stage(study, stage, "batch_size", rule, batch, None)
