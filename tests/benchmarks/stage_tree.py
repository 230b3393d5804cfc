"""A tree of dependent stages against the same stacks trained independently, and against plain Tune.

    python tests/benchmarks/stage_tree.py [--stacks 4 16] [--alone 6] [--no-tune]

Three stages of 4 settings each with 3 seeds on digits: 252 trials of a stage in a tree, where 192
independent stacks train 576, so that the tree's ideal is 84/192 of them. Printed, from one run:

- stage-seconds, that is, the seconds of a core that training takes, by the same code in this
  process: the tree; the 192 stacks independently, fused alike; and alone, one stack at a time,
  measured on some of them and extrapolated;
- wall-clock seconds of whole processes: ``layerwise run``, and plain Ray Tune training whole
  stacks, at two numbers of them and extrapolated to 192 by the straight line through both.

Fused means as wide as the calibration says for one worker. What is extrapolated is labelled so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import plain_stacks
import torch

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.cohort_run import CohortRun
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.calibration import Calibration, best_width
from layerwise.platform.plan.cohorts import Cohort, form
from layerwise.platform.plan.trial import digest
from layerwise.platform.store import Store
from layerwise.platform.study import Study

IDEAL = 84 / 192


def study() -> Study:
    """The study, of the same sizes and settings as :mod:`plain_stacks`."""
    _, first, second, third = plain_stacks.WIDTHS
    common = {"learning_rate": 0.01, "epochs": plain_stacks.EPOCHS, "output_activation": "sigmoid"}
    kinds: list[dict[str, Any]] = [
        {
            "name": "first",
            "model": "denoising_autoencoder",
            "hidden": first,
            "corruption": {"kind": "masking", "level": {"grid": list(plain_stacks.LEVELS)}},
        },
        {
            "name": "second",
            "model": "autoencoder",
            "hidden": second,
            "sparsity": {"kind": "l1", "weight": {"grid": list(plain_stacks.SPARSITIES)}},
        },
        {
            "name": "third",
            "model": "contractive_autoencoder",
            "hidden": third,
            "contraction": {"weight": {"grid": list(plain_stacks.CONTRACTIONS)}},
        },
    ]
    return Study(
        study="stage-tree",
        data="digits",
        seeds=list(plain_stacks.SEEDS),
        stages=[{**kind, **common} for kind in kinds],
    )


class Stacks:
    """The same stages trained in this process, cohort by cohort, whoever shares what."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._study = study()
        self._data: DataSet = load(self._study.data)
        self._calibration = Calibration(place / "calibration.json")
        self.tree = list(plan(self._study, Source.of(self._data)).trials())

    def stacks(self) -> list[list[Trial]]:
        """Every stack from the data up, each with keys of its own, so that nothing is shared."""
        by_key = {trial.key: trial for trial in self.tree}
        found = []
        for leaf in (trial for trial in self.tree if trial.stage == "third"):
            chain = [leaf]
            while chain[0].parents:
                chain.insert(0, by_key[chain[0].parents[0]])
            own: list[Trial] = []
            for trial in chain:
                parents = (own[-1].key,) if own else ()
                own.append(replace(trial, key=digest([leaf.key, trial.key]), parents=parents))
            found.append(own)
        return found

    def seconds(self, name: str, trials: Sequence[Trial], width: int | None = None) -> float:
        """Seconds of a core that training these takes, their cohorts one after another."""
        store = Store(self._place / name)
        families: dict[str, str] = {}
        total = 0.0
        for stage in dict.fromkeys(trial.stage for trial in trials):
            members = [trial for trial in trials if trial.stage == stage]
            for cohort in form(members, lambda m: width or self._width(m), families):
                families |= {trial.key: cohort.name for trial in cohort.trials}
                total += self._trained(cohort, store)
        return total

    def _width(self, members: Sequence[Trial]) -> int:
        samples = len(self._data.train)
        steps = int(members[0].settings["epochs"]) * -(
            -samples // members[0].settings["batch_size"]
        )
        return best_width(len(members), 1, self._calibration.measure(members, self._data), steps)

    def _trained(self, cohort: Cohort, store: Store) -> float:
        begun = time.process_time()
        run = CohortRun(cohort, self._data, store)
        while not run.advance(60):
            pass
        return time.process_time() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--stacks", type=int, nargs=2, default=(4, 16), help="of plain Tune (default: 4 16)"
    )
    parser.add_argument("--alone", type=int, default=6, help="stacks one at a time (default: 6)")
    parser.add_argument("--no-tune", action="store_true", help="leave plain Ray Tune out")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        figures = stage_seconds(Path(folder), asked.alone)
        figures |= walls(Path(folder), () if asked.no_tune else asked.stacks)
    versions = {name: version(name) for name in ("ray", "torch", "mlflow")}
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0], **versions, **figures}))


def stage_seconds(place: Path, alone: int) -> dict[str, float]:
    """What training takes, shared and not, by the same code."""
    made = Stacks(place)
    stacks = made.stacks()
    flat = [trial for stack in stacks for trial in stack]
    # A first step of each kind and width pays for what is compiled and allocated once.
    made.seconds(
        "warm", [replace(t, key=digest([t.key, "warm"])) for t in made.tree if not t.depth]
    )
    tree = made.seconds("tree", made.tree)
    independent = made.seconds("independent", flat)
    chosen = random.Random(0).sample(stacks, alone)
    one = sum(made.seconds(f"alone{n}", stack, 1) for n, stack in enumerate(chosen))
    every = one / alone * len(stacks)
    print(f"stage-seconds, tree of {len(made.tree)} trials:        {tree:8.2f} s")
    print(f"stage-seconds, {len(stacks)} stacks, fused alike:    {independent:8.2f} s")
    print(f"stage-seconds, {len(stacks)} stacks, one at a time:  {every:8.2f} s  ", end="")
    print(f"(extrapolated from {alone} stacks, {one:.2f} s)")
    _ratio("tree / independent, fused alike (ideal 0.4375)", tree / independent)
    _ratio("  of the tree's ideal", tree / independent / IDEAL)
    _ratio("tree / independent, one at a time (extrapolated)", tree / every)
    _ratio("  of the tree's ideal", tree / every / IDEAL)
    return {"tree": tree, "independent": independent, "alone": every}


def walls(place: Path, stacks: Iterable[int]) -> dict[str, float]:
    """Whole processes: ours, and plain Ray Tune's at some numbers of stacks."""
    path = place / "study.yaml"
    path.write_text(study().to_yaml())
    entry = str(Path(sys.executable).with_name("layerwise"))
    ours = _timed([entry, "--home", str(place / "home"), "run", str(path)])
    print(f"layerwise run, whole process:                  {ours:8.1f} s", flush=True)
    script = str(Path(__file__).with_name("plain_stacks.py"))
    points = []
    for count in stacks:
        fresh = place / f"plain{count}"
        fresh.mkdir()
        points.append((count, _timed([sys.executable, script, str(fresh), str(count)])))
        print(f"plain Ray Tune, {count:3} stacks:                     {points[-1][1]:8.1f} s")
    if len(points) < 2:
        return {"layerwise": ours}
    (few, less), (many, more) = points
    each = (more - less) / (many - few)
    plain = more + each * (192 - many)
    print(f"plain Ray Tune, 192 stacks:                    {plain:8.1f} s  ", end="")
    print(f"(extrapolated, {each:.2f} s a stack)")
    _ratio("plain Ray Tune (extrapolated) / layerwise run", plain / ours)
    return {"layerwise": ours, "plain": plain, "plain_each": each}


def _ratio(what: str, ratio: float) -> None:
    print(f"ratio, {what:50} {ratio:7.3f}", flush=True)


def _timed(command: list[str]) -> float:
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "MLFLOW_DISABLE_TELEMETRY": "true"}
    begun = time.perf_counter()
    subprocess.run(command, env=os.environ | quiet, check=True, capture_output=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
