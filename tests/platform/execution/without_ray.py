"""Whole studies trained in this process, cohort by cohort, without Ray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.plan import Source
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.plan.schedule import LedgerForReading, Schedule
from layerwise.platform.store import Store
from layerwise.platform.study import Study

TWO_LAYERS: dict[str, Any] = {
    "study": "layers",
    "question": "Do two layers help?",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {
            "name": "first",
            "model": "denoising_autoencoder",
            "hidden": 12,
            "corruption": {"kind": "gaussian", "level": {"grid": [0.0, 0.2]}},
            "learning_rate": 0.01,
            "epochs": 2,
        },
        {
            "name": "second",
            "model": "contractive_autoencoder",
            "hidden": 4,
            "contraction": {"weight": {"grid": [0.0, 0.1]}},
            "learning_rate": 0.01,
            "epochs": 3,
        },
    ],
}


def finish(cohort: Cohort, data: DataSet, store: Store) -> CohortRun:
    """Train a cohort to its end."""
    run = CohortRun(cohort, data, store)
    while not run.advance(60):
        pass
    return run


def schedule(study: Study, data: DataSet, width: int = 64) -> Schedule:
    """The study's tree, nothing of it trained; at most `width` trials in a cohort."""
    source = Source.of(data)
    return Schedule(study, source, {}, {}, lambda members: width, LedgerForReading(Path()))


def train(study: Study, store: Store, data: DataSet | None = None, width: int = 64) -> Outcome:
    """Train all of a study into a store."""
    data = load(study.data) if data is None else data
    tree = schedule(study, data, width)
    manifests: dict[str, dict[str, Any]] = {}
    while (cohort := tree.next()) is not None:
        finish(cohort, data, store)
        fresh = {trial.key: store.manifest(trial.key) for trial in cohort.trials}
        manifests |= fresh
        tree.finish(cohort, {key: last_metrics(manifest) for key, manifest in fresh.items()})
    return Outcome(tree.plan, manifests, (), tree.failed, tree.skipped)
