"""What a large record costs to read and to draw: 1 000 runs of 1 000 steps.

    python tests/benchmarks/large_record.py [--runs 1000] [--steps 1000] [--metrics 3] [--rounds 2]

The record is made up (40 settings of noise level and sparsity weight, 25 seeds) and written as the
platform writes one. The report is then written in a process of its own, imports included, first
with nothing kept from an earlier reading, then with it: seconds of wall time, the peak memory, and
the size of the page.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.tracked_trial import TrackedTrial

SEEDS = 25
LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4)
METRICS = ("validation/reconstruction_error", "validation/hoyer_sparsity", "train/loss")
# The parts of a report, each with the seconds that it took in its process.
SCRIPT = """
import json, resource, sys, time
begun = time.perf_counter()
import mlflow
from layerwise.dashboards.frames import read
from layerwise.dashboards.report import write
imported = time.perf_counter()
from layerwise.dashboards.collector import collector_paused
with collector_paused():
    frames = read(sys.argv[1], "large")
    have = time.perf_counter()
    from pathlib import Path
    page = write(frames, Path(sys.argv[2]))
ended = time.perf_counter()
print(json.dumps({
    "import": imported - begun, "read": have - imported, "draw": ended - have,
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "megabytes": page.stat().st_size / 1e6, "points": len(frames.history),
}))
"""


def main() -> None:
    """Write the record, then read and draw it in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--metrics", type=int, default=len(METRICS), choices=range(1, 4))
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        uri = f"sqlite:///{folder}/mlflow.db"
        begun = time.perf_counter()
        write(uri, Path(folder), chosen.runs, chosen.steps, METRICS[: chosen.metrics])
        print(f"written in {time.perf_counter() - begun:.1f} s")
        cold, kept = [], []
        for number in range(chosen.rounds):
            cache = Path(folder) / f"cache-{number}"
            cold.append(report(uri, Path(folder) / "report.html", cache))
            kept.append(report(uri, Path(folder) / "report.html", cache))
    for what, found in (("cold", cold), ("kept", kept)):
        for part in ("wall", "import", "read", "draw"):
            each = [one[part] for one in found]
            all_of_them = ", ".join(f"{seconds:.2f}" for seconds in each)
            print(f"{what}, {part:8s} {median(each):6.2f} s   ({all_of_them})")
    last = cold[-1]
    print(f"page     {last['megabytes']:6.2f} MB; peak memory {last['mib']:.0f} MiB")
    packages = {name: version(name) for name in ("mlflow", "pandas", "plotly")}
    print(json.dumps({"points": last["points"], "load": os.getloadavg()[0], **packages}))


def write(uri: str, folder: Path, runs: int, steps: int, metrics: tuple[str, ...]) -> None:
    """The made-up study "large", as the platform records one."""
    rng = np.random.default_rng(0)
    record = Record(uri, folder / "artifacts", "large")
    record.open("0" * 64, {}, "How large may a record be?")
    epochs = np.arange(steps + 1)
    made = []
    for number in range(runs):
        setting, seed = divmod(number, SEEDS)
        weight = 0.001 * (setting // len(LEVELS))
        level = LEVELS[setting % len(LEVELS)]
        end = 1 + 2 * level**1.5 + 40 * weight + 0.02 * rng.standard_normal()
        curve = end + 13 * np.exp(-epochs / (steps / 8)) + 0.01 * rng.standard_normal(len(epochs))
        swept = {"corruption.level": level, "sparsity.weight": weight}
        history = {
            name: list(zip(epochs.tolist(), curve.tolist(), strict=True)) for name in metrics
        }
        made.append(
            TrackedTrial(
                key=f"{number:064x}", stage="codes", depth=0, model="autoencoder", seed=seed,
                parent_keys=(), setting=str(setting), cohort=str(seed), reused=False,
                params={**swept, "hidden": 32, "seed": seed}, history=history,
                started=1.7e9 + number, ended=1.7e9 + number + 60, diverged_at=None,
                diverged_step=None,
            )
        )  # fmt: skip
        if len(made) == SEEDS or number == runs - 1:
            record.log_trials(made)
            made = []
    record.abandon()


def report(uri: str, page: Path, cache: Path) -> dict[str, float]:
    """One report in a process of its own."""
    begun = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, uri, str(page)],
        env=os.environ | {"DO_NOT_TRACK": "true", "LAYERWISE_CACHE": str(cache)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return {**found, "wall": time.perf_counter() - begun}


if __name__ == "__main__":
    main()
