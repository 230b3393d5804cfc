"""Runs a study of a paper and writes down what it gave, to stand beside the paper's figures.

    LAYERWISE_DATA=… python tests/golden/record.py deep_autoencoder_2006 …

Writes ``tests/golden/STUDY.json``; the papers' own figures are in ``papers.yaml``. What the store
holds already is not trained again.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from layerwise.models.network import NUMERICS
from layerwise.platform.data import load
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.home import Home
from layerwise.platform.plan import Source, plan
from layerwise.platform.plan.tree import digest
from layerwise.platform.store.store import Store
from layerwise.platform.study import Study
from layerwise.platform.study.reading import find_study, read_study

HERE = Path(__file__).parent


def study_digest(study: Study) -> str:
    """The hash of what a study asks; another one asks for another record."""
    return digest(study.mapping())


def measured(study: Study, store: Store) -> list[dict[str, Any]]:
    """Every trial of a finished study with its test metrics and its seconds."""
    data = load(study.data)
    source = Source.of(data)
    held = store.keys()
    finished = {key: last_metrics(store.manifest(key)) for key in held}
    found = []
    for trial in plan(study, source, finished).trials():
        manifest = store.manifest(trial.key)
        metrics = last_metrics(manifest)
        found.append(
            {
                "stage": trial.stage,
                "swept": dict(trial.swept),
                "seed": trial.seed,
                "epochs": trial.settings["epochs"],
                "seconds": round(manifest["ended"] - manifest["started"]),
                "test": {
                    name.removeprefix("test/"): round(value, 4)
                    for name, value in metrics.items()
                    if name.startswith("test/")
                },
            }
        )
    return found


def main(name: str) -> None:
    """Run the study and write its record."""
    command = [str(Path(sys.executable).with_name("layerwise")), "run", name]
    subprocess.run(command, check=True)
    study = read_study(find_study(name))
    record = {
        "study_digest": study_digest(study),
        "numerics": NUMERICS,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, no GPU used",
        "versions": {package: version(package) for package in ("torch", "numpy")},
        "trials": measured(study, Store(Home.from_environment().store)),
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for study_name in sys.argv[1:]:
        main(study_name)
