"""Real executions for tests: the command in a process of its own, and what it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.platform.store import Store

COMMAND = str(Path(sys.executable).with_name("layerwise"))

STUDY = """
study: {name}
question: Do two layers help?
data: {{name: digits, validation: 0.15, test: 0.15}}
seeds: [0, 1]
stages:
  - name: first
    model: denoising_autoencoder
    hidden: 24
    corruption: {{kind: gaussian, level: {{grid: [{levels}]}}}}
    learning_rate: 0.01
    epochs: {epochs}
  - name: second
    model: contractive_autoencoder
    hidden: 8
    contraction: {{weight: {{grid: [0.0, 0.1]}}}}
    learning_rate: 0.01
    epochs: {epochs}
"""


def write_study(
    folder: Path, name: str = "layers", levels: str = "0.0, 0.2", epochs: int = 4
) -> Path:
    """A study of two stages: 2 levels × 2 seeds, and 2 contraction weights under each."""
    path = folder / f"{name}.yaml"
    path.write_text(STUDY.format(name=name, levels=levels, epochs=epochs))
    return path


def environment(**further: str) -> dict[str, str]:
    """This process's environment, telemetry off, no MLflow server of somebody else's."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "MLFLOW_DISABLE_TELEMETRY": "true"}
    clean = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
    return clean | quiet | further


def start(home: Path, study: Path, *options: str) -> subprocess.Popen[str]:
    """``layerwise run``, started in a session of its own, so that all of it can be killed."""
    return subprocess.Popen(
        [COMMAND, "--home", str(home), "run", str(study), "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )


def until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def run(home: Path, study: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """Run a study to its end and give what ``--json`` printed."""
    process = start(home, study, *options)
    output, error = process.communicate(timeout=180)
    if process.returncode != code:
        logs = sorted((home / "logs").glob("*"), key=lambda path: path.stat().st_mtime)
        said = logs[-1].read_text(errors="replace")[-4000:] if logs else ""
        raise AssertionError(f"ended with {process.returncode}\n{error}\n{said}")
    return dict(json.loads(output))


def weights(home: Path) -> dict[str, Mapping[str, np.ndarray]]:
    """Every stored trial's arrays, by key."""
    store = Store(home / "store")
    return {key: store.read(key).weights for key in store.keys()}  # noqa: SIM118


def ended_at(home: Path) -> dict[str, float]:
    """When each stored trial's training ended: changes only when it is trained again."""
    store = Store(home / "store")
    return {key: store.manifest(key)["ended"] for key in store.keys()}  # noqa: SIM118


def equal(left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> bool:
    """Whether two networks are the same bits."""
    return left.keys() == right.keys() and all(np.array_equal(left[n], right[n]) for n in left)


def apart(left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> float:
    """How far two networks are apart at most; 0 where they are the same bits."""
    assert left.keys() == right.keys()
    return max(float(np.abs(left[name] - right[name]).max()) for name in left)


def recorded_runs(home: Path, study: str) -> list[Any]:
    """All runs of a study's experiment in the record."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(study)
    if experiment is None:
        return []
    return list(client.search_runs([experiment.experiment_id], max_results=1000))
