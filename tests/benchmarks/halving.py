"""A cohort of 64 trials with asynchronous successive halving against the same cohort without.

    python tests/benchmarks/halving.py [--hidden 64] [--repeats 3]

Both train 27 epochs on digits, in this process, with one thread of torch's; halving lets a third go
on after epochs 3 and 9. They take turns, and the best time of each counts: on a shared machine the
fastest was disturbed least. Prints the seconds to train and those to the end, store included; what
the epochs say that is still in training; and whether the best setting of the whole was kept.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from layerwise.platform.data import load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import entry_key, last_metrics
from layerwise.platform.plan import Source, plan
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.store import Store
from layerwise.platform.study import Study

BY = "validation/reconstruction_error"
RULE = {"halving": {"by": BY, "direction": "minimize", "from": 3, "factor": 3}}
EPOCHS, FULL = 27, 64 * 27


def main() -> None:
    """Time both, several times, and print what they took and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    stage = {
        "name": "codes",
        "model": "denoising_autoencoder",
        "hidden": arguments.hidden,
        "corruption": {"level": {"grid": [0.05 * i for i in range(8)]}},
        "learning_rate": {"grid": [0.0005 * 2**i for i in range(8)]},
        "epochs": EPOCHS,
    }
    study = Study(study="halving", data="digits", stages=[stage])
    data = load(study.data)
    trials = tuple(plan(study, Source.of(data)).trials())
    times: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    for _ in range(arguments.repeats):
        for name, stop in (("without", {}), ("with", RULE)):
            cohort = Cohort(tuple(replace(trial, stop=stop) for trial in trials))
            with tempfile.TemporaryDirectory() as folder:
                store, rungs = Store(Path(folder) / "store"), Path(folder) / "rungs"
                trained, ended, sizes = _timed(CohortRun(cohort, data, store, rungs=rungs))
                times[name].append((trained, ended))
                best = _best(cohort, store)
            print(
                f"{name:8} {trained:6.2f} s to train, {ended:6.2f} s to the end; "
                f"{sum(sizes)} of {FULL} epochs of trials, at last {sizes[-1]}; best: {best}"
            )
    for number, part in enumerate(("training", "the whole")):
        without, halved = (min(t[number] for t in times[name]) for name in ("without", "with"))
        print(f"{part}: {without:.2f} s without, {halved:.2f} s with: {without / halved:.2f} ×")


def _timed(run: CohortRun) -> tuple[float, float, list[int]]:
    """Seconds to the last epoch and to the end, and how many trials each epoch trained."""
    begun, sizes, trained = time.perf_counter(), [], 0.0
    done, epoch, size = False, 0, run.training
    while not done:
        done = run.advance(1e-4)
        if run.epoch > epoch:
            sizes += [size] * (run.epoch - epoch)
            epoch, size, trained = run.epoch, run.training, time.perf_counter() - begun
    return trained, time.perf_counter() - begun, sizes


def _best(cohort: Cohort, store: Store) -> Mapping[str, Any]:
    """The setting with the least error of those that were trained to their end."""
    reached = {
        trial: last_metrics(store.manifest(trial.key))[BY]
        for trial in cohort.trials
        if entry_key(trial, store) == trial.key
    }
    return min(reached, key=lambda trial: reached[trial]).swept


if __name__ == "__main__":
    main()
