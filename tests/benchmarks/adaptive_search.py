"""A search that learns from its results against one that does not, on a study of three stages.

    python tests/benchmarks/adaptive_search.py [--seeds 10] [--trials 60]

Two layers are trained once; on top of them 60 settings of a third are proposed by the
tree-structured Parzen estimator, and 60 at random: learning rate over four decades, its decay,
optimiser, momentum where there is one, noise, and weight decay. Both searches begin with the same
ten settings, so that the difference between their best validation errors is paired, search seed by
search seed. Printed: every pair, the mean difference with its 95 % interval (Student's t), and what
may be said.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from layerwise.dashboards.statistics import interval
from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.plan import Source
from layerwise.platform.plan.schedule import LedgerForReading, Schedule
from layerwise.platform.plan.trial import Metrics
from layerwise.platform.store import Store
from layerwise.platform.study import Study

ERROR = "validation/reconstruction_error"
LAYER = {"model": "autoencoder", "learning_rate": 0.01, "epochs": 30}
SEARCHED: dict[str, Any] = {
    "name": "third",
    "model": "autoencoder",
    "hidden": 6,
    "epochs": 15,
    "optimiser": {"choice": ["adam", "momentum"]},
    "momentum": {"uniform": [0.0, 0.99], "when": {"optimiser": "momentum"}},
    "learning_rate": {"log_uniform": [1e-4, 1.0]},
    "learning_rate_decay": {"uniform": [0.0, 1.0]},
    "corruption": {"kind": "gaussian", "level": {"uniform": [0.0, 0.5]}},
    "weight_decay": {"log_uniform": [1e-6, 1e-1]},
}


def study(sampler: str, seed: int, trials: int) -> Study:
    """The study; only its third stage differs between searches."""
    search = {"sampler": sampler, "trials": trials, "at_once": 5, "seed": seed, "by": ERROR}
    first = {"name": "first", "hidden": 32, "output_activation": "sigmoid", **LAYER}
    second = {"name": "second", "hidden": 16, **LAYER}
    stages = [first, second, {**SEARCHED, "search": search}]
    return Study(study="search", data="digits", stages=stages)


def best(made: Study, data: DataSet, store: Store, known: dict[str, Metrics]) -> float:
    """The lowest error among the proposals; what was trained before is not trained again."""
    ledger = LedgerForReading(Path())
    tree = Schedule(made, Source.of(data), known, {}, lambda members: 64, ledger)
    while (cohort := tree.next()) is not None:
        run = CohortRun(cohort, data, store)
        while not run.advance(60):
            pass
        ended = {t.key: last_metrics(store.manifest(t.key)) for t in cohort.trials}
        known |= ended
        tree.finish(cohort, ended)
    last = [known[trial.key] for trial in tree.plan.stages[-1].trials]
    return min(metrics[ERROR] for metrics in last if metrics)


def main() -> None:
    """Search in turn and print the pairs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="pairs of searches (default: 10)")
    parser.add_argument("--trials", type=int, default=60, help="proposals each (default: 60)")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    data = load(study("random", 0, 1).data)
    differences = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        store, known = Store(Path(folder)), {}
        for seed in range(asked.seeds):
            found = {
                sampler: best(study(sampler, seed, asked.trials), data, store, known)
                for sampler in ("random", "tpe")
            }
            differences.append(found["random"] - found["tpe"])
            shown = "  ".join(f"{sampler} {error:.5f}" for sampler, error in found.items())
            print(f"search seed {seed}:  {shown}  random - tpe {differences[-1]:+.5f}", flush=True)
    told = interval(differences)
    print(f"{time.monotonic() - began:.0f} s, {len(known)} trials trained")
    print(f"random - tpe: {told.mean:.5f}, 95 % interval {told.low:.5f} to {told.high:.5f}")
    if told.low > 0:
        print(f"tpe beats random with {asked.trials} trials each.")
    else:
        print(f"tpe and random are not distinguishable with {asked.trials} trials each.")


if __name__ == "__main__":
    main()
