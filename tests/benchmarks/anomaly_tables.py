"""Six tables of anomalies: an autoencoder's ROC areas beside PCA's and beside PyOD's autoencoder.

    pip install --target FOLDER --no-deps pyod numba llvmlite matplotlib
    PYTHONPATH=FOLDER python tests/benchmarks/anomaly_tables.py [--tables glass wine] [--splits 5]

PyOD is no dependency; in a folder of its own, without its dependencies, it changes no version here.
``LAYERWISE_DATA`` names the folder with ``anomaly_tables.npz``: breastw, pima, ionosphere, glass,
wbc and wine, as in ODDS and ADBench. On every split half of the normal samples are trained on, a
tenth is validation, the rest and all anomalies are the test; inputs are standardised by the
training samples, for all alike. One study, the same for all tables, is trained in this process, a
network for each split, and looked at by ``use: anomaly``; PyOD's ``AutoEncoder`` has its defaults
and the split's number as seed. The study was chosen while looking at splits 0 to 4 of the same
tables, so that splits from 5 on are reported.

Prints the areas by table, means over splits, then paired 95 % intervals over splits of the mean
over tables. Without PyOD its row is left out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from layerwise.dashboards.statistics import interval
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.plan import Source
from layerwise.platform.plan.schedule import LedgerForReading, Schedule
from layerwise.platform.store import Store
from layerwise.platform.study import Study
from layerwise.platform.uses.trained import Leaf, Trained

TABLES = ("breastw", "pima", "ionosphere", "glass", "wbc", "wine")
FIRST_SPLIT = 5
STAGE: dict[str, Any] = {
    "name": "denoiser",
    "model": "deep_autoencoder",
    # PyOD's own widths on the way to the code.
    "layers": [64, 32],
    "hidden": 3,
    "corruption": {"kind": "gaussian", "level": 0.5},
    "learning_rate": 0.002,
    "batch_size": 32,
    "epochs": 200,
}
OURS, PCA, PYOD = "denoiser", "pca", "PyOD AutoEncoder"

Areas = dict[str, dict[str, list[float]]]
"""Contestant → table → the area on each split."""


def study(table: Path, split: int, contamination: float) -> Study:
    """The study of one split of one table, with one seed."""
    data = {
        "path": table,
        "anomalous": [1],
        "contamination": contamination,
        "scale": "standardise",
        "validation": 0.1,
        "test": 0.4,
        "split_seed": split,
    }
    return Study(study=table.stem, data=data, seeds=[split], stages=[STAGE], use="anomaly")


def areas(written: Study, data: DataSet) -> dict[str, float]:
    """Train the study and look at it: the area of every contestant."""
    assert written.use is not None
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        reading = LedgerForReading(Path(folder))
        tree = Schedule(written, Source.of(data), {}, {}, lambda members: 64, reading)
        manifests: dict[str, dict[str, Any]] = {}
        while (cohort := tree.next()) is not None:
            run = CohortRun(cohort, data, store)
            while not run.advance(600):
                pass
            fresh = {trial.key: store.manifest(trial.key) for trial in cohort.trials}
            manifests |= fresh
            tree.finish(cohort, {key: last_metrics(one) for key, one in fresh.items()})
        best = ranked(written, Outcome(tree.plan, manifests, ()), OURS)[0]
        leaf = Leaf(OURS, OURS, best.trials, store)
        measure = written.use.look(Trained(data, (leaf,))).measures[0]
        assert measure.name == "anomaly/roc_auc"
        return {one.name: fmean(one.values.values()) for one in measure.contestants}


def pyod_area(data: DataSet, seed: int) -> float | None:
    """The area of PyOD's autoencoder at its defaults; None without PyOD."""
    try:
        from pyod.models.auto_encoder import AutoEncoder
    except ImportError:
        return None
    detector = AutoEncoder(random_state=seed, verbose=0)
    detector.fit(data.train)
    assert data.labels is not None
    return float(roc_auc_score(data.labels["test"], detector.decision_function(data.test)))


def measured(source: Path, tables: Sequence[str], splits: int, contamination: float) -> Areas:
    """All areas of all contestants."""
    found: Areas = {}
    with np.load(source) as arrays, tempfile.TemporaryDirectory() as folder:
        for table in tables:
            path = Path(folder, f"{table}.npz")
            x = arrays[f"{table}_X"].astype(np.float32)
            np.savez(path, x=x, y=arrays[f"{table}_y"].astype(np.int64))
            for split in range(FIRST_SPLIT, FIRST_SPLIT + splits):
                written = study(path, split, contamination)
                data = load(written.data)
                row = areas(written, data)
                theirs = pyod_area(data, split)
                if theirs is not None:
                    row[PYOD] = theirs
                for name, area in row.items():
                    found.setdefault(name, {}).setdefault(table, []).append(area)
    return found


def show(found: Areas, tables: Sequence[str]) -> None:
    """The table of areas, and what the network gains."""
    wide = max(map(len, found)) + 2
    print(f"{'':{wide}}" + "".join(f"{table:>18}" for table in tables) + f"{'mean':>18}")
    overall = {
        name: np.mean([by_table[table] for table in tables], axis=0)
        for name, by_table in found.items()
    }
    for name, by_table in sorted(found.items(), key=lambda item: -overall[item[0]].mean()):
        cells = [_cell(by_table[table]) for table in tables] + [_cell(overall[name])]
        print(f"{name:{wide}}" + "".join(f"{cell:>18}" for cell in cells))
    rivals = {name: found[name] for name in (PCA, PYOD) if name in found}
    for name in (one for one in found if one != OURS):
        _compare(overall[OURS], overall[name], f"{OURS} against {name}")
    if len(rivals) > 1:
        # Whoever of the two is better on a table, told by the test samples themselves.
        best = [max((one[t] for one in rivals.values()), key=fmean) for t in tables]
        against = np.mean(best, axis=0)
        _compare(overall[OURS], against, f"{OURS} against the better of both on each table")


def _cell(values: Sequence[float] | np.ndarray) -> str:
    told = interval(values)
    half = (told.high - told.low) / 2
    return f"{told.mean:.3f} ± {half:.3f}" if told.known else f"{told.mean:.3f}"


def _compare(first: np.ndarray, second: np.ndarray, what: str) -> None:
    told = interval(first - second)
    ratio = (1 - second.mean()) / (1 - first.mean())
    spread = f", 95 % interval {told.low:+.4f} to {told.high:+.4f}" if told.known else ""
    print(
        f"{what}: mean area {first.mean():.4f} against {second.mean():.4f}, difference "
        f"{told.mean:+.4f}{spread} over {told.n} splits; ratio {first.mean() / second.mean():.3f}, "
        f"of pairs in the wrong order {ratio:.2f}"
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--contamination", type=float, default=0.0)
    asked = parser.parse_args()
    source = Path(os.environ.get("LAYERWISE_DATA", ""), "anomaly_tables.npz")
    if not source.is_file():
        sys.exit("LAYERWISE_DATA must name a folder with anomaly_tables.npz")
    torch.set_num_threads(1)
    show(measured(source, asked.tables, asked.splits, asked.contamination), asked.tables)


if __name__ == "__main__":
    main()
