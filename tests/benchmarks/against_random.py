"""Does learning from earlier trials pay? A tree-structured Parzen estimator against random search.

The study is stated below: three stages on digits, 20 settings proposed for each, of which the best
goes on, 60 trials in all. Both samplers run it with ten seeds; a seed is that of the networks, of
the batches and of the proposals, so that both see the same first ten settings of a stage. Prints,
for each seed, the validation error of the best whole stack, and the paired difference with its
interval. Trained in this process, through the same plan, schedule and cohorts as `layerwise run`,
without Ray. ::

    python tests/benchmarks/against_random.py [seeds] [first seed]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from layerwise.dashboards.statistics import interval
from layerwise.platform.answer.ranking import TEST, ranked
from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import entry_key, last_metrics
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.plan import Source
from layerwise.platform.plan.schedule import LedgerForReading, Schedule
from layerwise.platform.store import Store
from layerwise.platform.study import Study

SEEDS, TRIALS, AT_ONCE, EPOCHS = 10, 20, 4, 8
# The seeds below 200 were used to compare settings of the sampler: RESULTS.md tells of them.
FIRST = 200


def stated(sampler: str, seed: int) -> Study:
    """The study: how is a stack of 48 and 24 units trained so that it reconstructs best?"""
    search = {"sampler": sampler, "trials": TRIALS, "at_once": AT_ONCE, "seed": seed}
    rate = {"log_uniform": [1.0e-4, 1.0]}
    stages: list[dict[str, Any]] = [
        {
            "name": "first",
            "model": "denoising_autoencoder",
            "hidden": 48,
            "corruption": {"kind": "gaussian", "level": {"uniform": [0.0, 0.6]}},
            "learning_rate": rate,
            "weight_decay": {"log_uniform": [1.0e-6, 1.0e-2]},
            "keep": {"best": 1},
        },
        {
            "name": "second",
            "model": "contractive_autoencoder",
            "hidden": 24,
            "contraction": {"weight": {"log_uniform": [1.0e-4, 1.0]}},
            "learning_rate": rate,
            "weight_decay": {"log_uniform": [1.0e-6, 1.0e-2]},
            "keep": {"best": 1},
        },
        {
            "name": "together",
            "model": "fine_tune",
            "objective": "reconstruction",
            "corruption": {"kind": "gaussian", "level": {"uniform": [0.0, 0.6]}},
            "learning_rate": rate,
            "weight_decay": {"log_uniform": [1.0e-6, 1.0e-2]},
        },
    ]
    return Study(
        study=f"{sampler}-{seed}",
        data="digits",
        seeds=[seed],
        stages=[{**stage, "epochs": EPOCHS, "search": search} for stage in stages],
    )


def best(study: Study, data: DataSet, store: Store) -> tuple[float, float, int]:
    """Train the study; the validation and test error of its best stack, and how many trials."""
    schedule = Schedule(
        study, Source.of(data), {}, {}, lambda members: 64, LedgerForReading(Path())
    )
    manifests: dict[str, dict[str, Any]] = {}
    while (cohort := schedule.next()) is not None:
        run = CohortRun(cohort, data, store)
        while not run.advance(60):
            pass
        fresh = {t.key: store.manifest(entry_key(t, store) or t.key) for t in cohort.trials}
        manifests |= fresh
        schedule.finish(cohort, {key: last_metrics(found) for key, found in fresh.items()})
    first = ranked(study, Outcome(schedule.plan, manifests, ()))[0]
    return first.objective.mean, first.metrics[TEST].mean, len(manifests)


def main(seeds: int = SEEDS, first: int = FIRST) -> None:
    """Both samplers, seed by seed."""
    torch.set_num_threads(1)
    data = load(stated("random", 0).data)
    found: dict[str, list[float]] = {"tpe": [], "random": [], "test": []}
    started = time.perf_counter()
    print("seed  random  tpe     random − tpe   (test)")
    for seed in range(first, first + seeds):
        with TemporaryDirectory() as folder:
            store = Store(Path(folder))
            random, random_test, trials = best(stated("random", seed), data, store)
            tpe, tpe_test, _ = best(stated("tpe", seed), data, store)
        found["random"].append(random)
        found["tpe"].append(tpe)
        found["test"].append(random_test - tpe_test)
        gap = f"{random - tpe:+.4f}        ({random_test - tpe_test:+.4f})"
        print(f"{seed:4d}  {random:.4f}  {tpe:.4f}  {gap}", flush=True)
    gain = interval(np.subtract(found["random"], found["tpe"]))
    tested = interval(found["test"])
    print(f"{trials} trials each, mean error: random {np.mean(found['random']):.4f}, ", end="")
    print(f"tpe {np.mean(found['tpe']):.4f}; {time.perf_counter() - started:.0f} s")
    for what, one in (("validation", gain), ("test", tested)):
        print(
            f"random − tpe, {what}: {one.mean:.4f} (95 % interval {one.low:.4f} to {one.high:.4f})"
        )
    says = "excludes zero" if gain.excludes_zero else "does not exclude zero"
    better = "tpe is better" if gain.mean > 0 else "random is better"
    print(f"The paired interval over {gain.n} seeds {says}; on average {better}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
