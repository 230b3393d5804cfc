"""Writes a study's record into a real MLflow store, as the platform would, with made-up numbers.

The numbers follow a plausible law, so that what a report should say is known: reconstruction error
grows with the noise level and with both penalties, sparsity with the sparsity weight; seeds shift
every setting alike (common random numbers), plus a little noise of their own.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import made_insides
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

AXES = {
    "corruption.level": {"label": "noise level", "unit": "standard deviations", "log": False},
    "sparsity.weight": {"label": "sparsity weight", "unit": "", "log": True},
    "contraction.weight": {"label": "contraction weight", "unit": "", "log": True},
}
METRICS = {
    "reconstruction_error": {
        "label": "reconstruction error",
        "unit": "squared error per sample",
        "better": "lower",
    },
    "hoyer_sparsity": {"label": "Hoyer sparsity", "unit": "", "better": "higher"},
    "jacobian_norm": {"label": "Jacobian norm", "unit": "", "better": "lower"},
}
CROSSING = {
    "corruption.level": (0.0, 0.4),
    "sparsity.weight": (0.0, 0.001, 0.01),
    "contraction.weight": (0.0, 0.1),
}


@dataclass
class Made:
    """What to write; the defaults are the 2 × 3 × 2 crossing of 3 seeds and 6 epochs."""

    name: str = "crossing"
    question: str = "Do noise, sparsity and contraction help one another?"
    swept: dict[str, tuple[Any, ...]] = field(default_factory=lambda: dict(CROSSING))
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = 6
    stages: tuple[str, ...] = ("codes",)
    diverged: frozenset[int] = frozenset()
    """Positions of trials that fail at epoch 2."""
    images: bool = True
    controls: bool = True
    finished: bool = True
    recorded: int | None = None
    """How many trials are in MLflow so far; None for all."""
    labels: bool = True


def measures(setting: dict[str, Any], seed: int, epoch: int, epochs: int) -> dict[str, float]:
    """The made-up law at an epoch of ``epochs``."""
    level = float(setting.get("corruption.level", 0.0))
    sparse = float(setting.get("sparsity.weight", 0.0))
    contract = float(setting.get("contraction.weight", 0.0))
    own = np.random.default_rng(abs(hash((seed, level, sparse, contract))) % 2**32)
    end = 1.0 + 2.0 * level**1.5 + 40 * sparse + 1.5 * contract + 0.06 * seed
    end += 0.01 * own.standard_normal()
    left = np.exp(-5.0 * epoch / epochs)
    return {
        "reconstruction_error": end + (14.0 + 0.5 * seed - end) * left,
        "hoyer_sparsity": 0.3 + 0.1 * level + 12 * sparse * (1 - left) + 0.01 * seed,
        "active_units": 20 - 8 * level,
        "dead_units": float(seed),
        "jacobian_norm": 2.0 + left - 6 * contract - level + 0.02 * seed,
    }


def write(tracking_uri: str, artifacts: Path, made: Made) -> str:
    """Write the study; returns the parent run's id."""
    client = MlflowClient(tracking_uri)
    experiment = client.create_experiment(made.name, artifact_location=artifacts.as_uri())
    parent = client.create_run(
        experiment,
        tags={
            "layerwise.kind": "study",
            "layerwise.version": "0.1.0",
            "layerwise.python": "3.11.7",
            "layerwise.git_commit": "0123456789abcdef",
            "mlflow.note.content": made.question,
        },
    )
    parent_id = str(parent.info.run_id)
    keys: list[str] = []
    parents: list[tuple[str, dict[str, Any]]] = [("", {})]
    position = 0
    for depth, stage in enumerate(made.stages):
        born: list[tuple[str, dict[str, Any]]] = []
        points = [
            dict(zip(made.swept, values, strict=True))
            for values in itertools.product(*made.swept.values())
        ]
        for (parent_key, inherited), point, seed in itertools.product(parents, points, made.seeds):
            if parent_key and inherited["seed"] != seed:
                continue
            key = _digest(stage, parent_key, point, seed)
            keys.append(key)
            if made.recorded is None or position < made.recorded:
                _trial(
                    client,
                    experiment,
                    parent_id,
                    made,
                    stage,
                    depth,
                    key,
                    parent_key,
                    inherited,
                    point,
                    seed,
                    position in made.diverged,
                )
            if point == points[0] or point == points[-1]:
                born.append((key, {"seed": seed, **{f"{stage}.{p}": v for p, v in point.items()}}))
            position += 1
        parents = born
    if made.finished:
        folder = artifacts / "written"
        folder.mkdir(parents=True, exist_ok=True)
        arrays = _images() | made_insides.arrays() if made.images else {}
        if arrays:
            np.savez(folder / "images.npz", **arrays)  # type: ignore[arg-type]
            client.log_artifact(parent_id, str(folder / "images.npz"))
        study = json.dumps(_study(made, keys, bool(arrays)))
        (folder / "study.json").write_text(study, "utf-8")
        client.log_artifact(parent_id, str(folder / "study.json"))
        client.set_terminated(parent_id)
    return parent_id


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _trial(
    client: MlflowClient,
    experiment: str,
    parent_id: str,
    made: Made,
    stage: str,
    depth: int,
    key: str,
    parent_key: str,
    inherited: dict[str, Any],
    point: dict[str, Any],
    seed: int,
    diverges: bool,
) -> None:
    above = {name: value for name, value in inherited.items() if name != "seed"}
    run = client.create_run(
        experiment,
        tags={
            "layerwise.kind": "trial",
            "layerwise.key": key,
            "layerwise.stage": stage,
            "layerwise.depth": str(depth),
            "layerwise.model": "denoising_autoencoder",
            "layerwise.seed": str(seed),
            "layerwise.parent_key": parent_key,
            "layerwise.setting": _digest(stage, above, point),
            "layerwise.cohort": _digest(stage),
            "mlflow.parentRunId": parent_id,
            **({"layerwise.reused": "true"} if seed == 9 else {}),
        },
    )
    params = {
        "corruption.kind": "gaussian",
        **point,
        **above,
        "hidden": 32,
        "seed": seed,
        "epochs": made.epochs,
    }
    last = 2 if diverges else made.epochs
    metrics: list[Metric] = []
    for epoch in range(last + 1):
        values = measures(point, seed, epoch, made.epochs)
        if diverges and epoch == last:
            values = dict.fromkeys(values, float("nan"))
        error = values["reconstruction_error"] * 0.97
        metrics += [
            Metric("train/loss", error * 1.1, 1000 + epoch, epoch),
            Metric("train/reconstruction_error", error, 1000 + epoch, epoch),
            *(Metric(f"validation/{n}", v, 1000 + epoch, epoch) for n, v in values.items()),
        ]
        if epoch in (0, made.epochs):
            metrics += [Metric(f"test/{n}", v * 1.02, 1000, epoch) for n, v in values.items()]
    client.log_batch(run.info.run_id, metrics, [Param(n, str(v)) for n, v in params.items()])
    if diverges:
        client.log_batch(run.info.run_id, tags=[RunTag("layerwise.diverged_at", str(last))])
    client.set_terminated(run.info.run_id, "FAILED" if diverges else "FINISHED")


def _images() -> dict[str, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:8, 0:8] / 7.0
    phase = rng.uniform(0, 6.28, (16, 3, 1, 1))
    clean = 0.5 + 0.5 * np.sin(5 * x * phase[:, 0] / 3 + 4 * y * phase[:, 1] / 3 + phase[:, 2])
    noisy = clean + 0.4 * rng.standard_normal(clean.shape)
    found = {}
    for panel, blur in (("best", 0.08), ("pca", 0.12), ("untrained", 0.5)):
        found[f"{panel}/clean"] = clean
        found[f"{panel}/corrupted"] = noisy
        found[f"{panel}/reconstructed"] = clean + blur * rng.standard_normal(clean.shape)
        wave = np.cos(
            4 * x * rng.standard_normal((32, 1, 1)) + 5 * y * rng.standard_normal((32, 1, 1))
        )
        found[f"{panel}/filters"] = wave * np.exp(-8 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))
    return {name: np.asarray(array, dtype=np.float32) for name, array in found.items()}


def _study(made: Made, keys: list[str], images: bool) -> dict[str, Any]:
    controls = [
        {
            "stage": stage,
            "name": name,
            "label": label,
            "metrics": {
                "validation/reconstruction_error": error,
                "test/reconstruction_error": error,
            },
        }
        for stage in made.stages
        for name, label, error in (
            ("pca", "PCA, 32 components", 1.31),
            ("untrained", "untrained network", 14.5),
            ("mean_image", "mean image", 19.2),
        )
    ]
    panels = [("best", "Best network"), ("pca", "PCA"), ("untrained", "Untrained network")]
    each = len(keys) // len(made.stages)
    return {
        "study": made.name,
        "question": made.question,
        "version": "0.1.0",
        "objective": {"metric": "validation/reconstruction_error", "direction": "minimize"},
        "data": {
            "name": "digits",
            "digest": "ab" * 32,
            "train": 1258,
            "validation": 269,
            "test": 270,
            "visible": 64,
            "image_shape": [8, 8],
        },
        "stages": [
            {
                "name": stage,
                "model": "denoising_autoencoder",
                "depth": depth,
                "after": [made.stages[depth - 1]] if depth else [],
                "hidden": 32,
                "epochs": made.epochs,
                "swept": list(made.swept),
                "fixed": {} if "corruption.kind" in made.swept else {"corruption.kind": "gaussian"},
                "trials": each,
            }
            for depth, stage in enumerate(made.stages)
        ],
        "axes": AXES if made.labels else {},
        "metrics": METRICS if made.labels else {},
        "trials": keys,
        "controls": controls if made.controls else [],
        "verdict": "The best network beats PCA with as many components, as a nonlinear code may.",
        "images": [
            {
                "panel": panel,
                "title": title,
                "key": keys[0],
                "arrays": {
                    part: f"{panel}/{part}"
                    for part in ("clean", "corrupted", "reconstructed", "filters")
                },
            }
            for panel, title in panels
        ]
        if images
        else [],
        "inside": made_insides.entries(keys[-each:], made.labels) if images else {},
        "cost": {
            "seconds": {"start": 3.1, "train": 7.4, "track": 1.2, "total": 11.9},
            "trained": len(keys) - 4,
            "reused": 4,
            "seconds_saved": 1.25,
            "cohorts": [
                {
                    "cohort": f"c{depth}{half}",
                    "stage": stage,
                    "trials": each // 2,
                    "seconds": 3.0 + half,
                    "start": 3.0 * depth + 0.1 * half,
                    "end": 3.0 * depth + 3.0 + half,
                    "worker": f"node-1/{half}",
                }
                for depth, stage in enumerate(made.stages)
                for half in (0, 1)
            ],
        },
    }
