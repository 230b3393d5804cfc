"""``layerwise run`` against the same trials in plain Ray Tune, whole processes, in turn.

    python tests/benchmarks/against_plain_tune.py [--rounds 2]

Prints the ratios of wall times: 24 trials against 24; 240 trials of ours against ten times the
plain 24; and 240 of ours, beyond what a run of one trial takes, against the bare fused loop.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent

STUDY = """
study: {name}
data: {{name: digits, validation: 0.15, test: 0.15}}
seeds: [{seeds}]
stages:
  - name: codes
    model: autoencoder
    hidden: 32
    output_activation: sigmoid
    corruption: {{kind: gaussian, level: {{grid: [0.0, 0.1, 0.2, 0.4]}}}}
    sparsity: {{kind: l1, weight: {{grid: [{sparsities}]}}}}
    contraction: {{weight: 0.01}}
    learning_rate: 0.01
    epochs: 20
"""


def main() -> None:
    """Measure in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2, help="measurements of each (default: 2)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        place = Path(folder)
        few = _write(place, "few", 3, "0.0, 0.03")
        many = _write(place, "many", 30, "0.0, 0.03")
        times: dict[str, list[float]] = {"plain": [], "24": [], "240": [], "1": [], "loop": []}
        one = place / "one.yaml"
        one.write_text(
            few.read_text()
            .replace("few", "one")
            .replace("[0, 1, 2]", "[0]")
            .replace("[0.0, 0.1, 0.2, 0.4]", "[0.1]")
            .replace("[0.0, 0.03]", "[0.03]")
        )
        for number in range(rounds):
            fresh = place / f"round{number}"
            fresh.mkdir()
            times["plain"].append(_timed([sys.executable, str(HERE / "plain_tune.py"), str(fresh)]))
            times["24"].append(_timed(_run(few, fresh / "24")))
            times["240"].append(_timed(_run(many, fresh / "240")))
            times["1"].append(_timed(_run(one, fresh / "1")))
            loop = subprocess.run(
                [sys.executable, str(HERE / "fused_loop.py"), str(many)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            times["loop"].append(float(loop.stdout))
    middle = {name: statistics.median(values) for name, values in times.items()}
    for name, what in (
        ("plain", "plain Ray Tune, 24 trials"),
        ("24", "layerwise run, 24 trials"),
        ("240", "layerwise run, 240 trials"),
        ("1", "layerwise run, 1 trial (start-up)"),
        ("loop", "bare fused loop, 240 trials, training alone"),
    ):
        spread = ", ".join(f"{value:.1f}" for value in times[name])
        print(f"{what:45} {middle[name]:7.1f} s   ({spread})")
    beyond = middle["240"] - middle["1"]
    print(f"ratio, 24 against 24                     {middle['plain'] / middle['24']:8.1f}")
    print(f"ratio, 240 against 10 × plain 24         {10 * middle['plain'] / middle['240']:8.1f}")
    print(f"ours beyond start-up / bare fused loop   {beyond / middle['loop']:8.2f}")
    versions = {name: version(name) for name in ("ray", "torch", "mlflow")}
    print(json.dumps({"cores": os.cpu_count(), **versions, "medians": middle}))


def _write(place: Path, name: str, seeds: int, sparsities: str) -> Path:
    path = place / f"{name}.yaml"
    numbers = ", ".join(map(str, range(seeds)))
    path.write_text(STUDY.format(name=name, seeds=numbers, sparsities=sparsities))
    return path


def _run(study: Path, home: Path) -> list[str]:
    entry = str(Path(sys.executable).with_name("layerwise"))
    return [entry, "--home", str(home), "run", str(study)]


def _timed(command: list[str]) -> float:
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "MLFLOW_DISABLE_TELEMETRY": "true"}
    started = time.perf_counter()
    subprocess.run(command, env=os.environ | quiet, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
