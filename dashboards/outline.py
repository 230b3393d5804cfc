"""What a study asked: its stages, what they sweep, and the objective."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .memory import remembered

if TYPE_CHECKING:
    from .frames import Frames

ERROR = "validation/reconstruction_error"
REGULARISERS = ("corruption.level", "sparsity.weight", "contraction.weight")


def near_miss(word: str, possible: Iterable[str]) -> str | None:
    """The likeliest intended word, or None when nothing is close."""
    found = difflib.get_close_matches(word, list(possible), n=1, cutoff=0.6)
    return found[0] if found else None


def objective(frames: Frames, stage: str | None = None) -> tuple[str, bool]:
    """The metric that trials are ranked by, and whether lower is better.

    A stage that does not have the study's metric, such as one before a classification, is ranked by
    its reconstruction error.
    """
    asked = frames.study.get("objective") or {}
    metric = str(asked.get("metric", ERROR))
    if stage is not None and not _measured(frames, stage, metric):
        return ERROR, True
    return metric, asked.get("direction", "minimize") != "maximize"


@remembered
def _measured(frames: Frames, stage: str, metric: str) -> bool:
    """Whether some trial of a stage has a metric, or none has any."""
    trials = frames.trials(stage)
    return metric not in trials.columns or bool(trials[metric].notna().any() or trials.empty)


def measure_of(metric: str) -> str:
    """``reconstruction_error`` of ``validation/reconstruction_error``."""
    return metric.split("/", 1)[-1]


@remembered
def swept(frames: Frames, stage: str) -> tuple[str, ...]:
    """Columns of ``runs`` that vary by the person's wish within a stage.

    The stage's own swept hyperparameters first, the three regularisers before others; then those
    of the stages below it, as ``<stage>.<path>``. What took one value only is left out.
    """
    entry = frames.stage(stage)
    own = [str(path) for path in entry.get("swept", [])]
    own.sort(key=lambda path: REGULARISERS.index(path) if path in REGULARISERS else 9)
    trials = frames.trials(stage)
    below = [
        f"{other}.{path}"
        for other in frames.stages
        if other != stage
        for path in frames.stage(other).get("swept", [])
    ]
    candidates = [path for path in [*own, *below] if path in trials.columns]
    return tuple(path for path in candidates if trials[path].nunique() > 1)


def own_swept(frames: Frames, stage: str) -> tuple[str, ...]:
    """The part of ``swept`` that belongs to the stage itself."""
    own = set(frames.stage(stage).get("swept", []))
    return tuple(path for path in swept(frames, stage) if path in own)


def final_stages(frames: Frames) -> tuple[str, ...]:
    """Stages that no other stage builds on and that have trials: where the answer is."""
    parents = {name for entry in frames.study["stages"] for name in entry.get("after", [])}
    ends = [name for name in frames.stages if name not in parents and len(frames.trials(name))]
    return tuple(ends or [name for name in frames.stages if len(frames.trials(name))][-1:])


@remembered
def finished(frames: Frames, stage: str, metric: str) -> pd.DataFrame:
    """Trials of a stage that trained to their end and have a finite ``metric``."""
    trials = _to_the_end(frames, stage)
    if metric not in trials.columns:
        return trials.iloc[:0]
    good = np.isfinite(trials[metric].to_numpy(dtype=float))
    return trials if good.all() else trials[good]


@remembered
def _to_the_end(frames: Frames, stage: str) -> pd.DataFrame:
    trials = frames.trials(stage)
    left = trials["diverged_at"].notna() | trials["stopped_at"].notna()
    return trials[~left & (trials["status"] == "FINISHED")]


def inferred_study(
    name: str, question: str, runs: pd.DataFrame, parameters: Sequence[str]
) -> dict[str, Any]:
    """As much of study.json as the trials of an unfinished study tell."""
    stages: list[dict[str, Any]] = []
    prefixes = tuple(f"{stage}." for stage in runs["stage"].unique())
    for stage, trials in runs.groupby("stage", sort=False):
        present = [path for path in parameters if trials[path].notna().any()]
        own = [path for path in present if not path.startswith(prefixes)]
        varied = [path for path in own if trials[path].nunique() > 1]
        stages.append(
            {
                "name": str(stage),
                "model": str(trials["model"].iloc[0]),
                "after": [stages[-1]["name"]] if stages else [],
                "depth": int(trials["depth"].iloc[0]),
                "swept": varied,
                "fixed": {p: trials[p].iloc[0] for p in own if p not in varied},
                "trials": len(trials),
            }
        )
    return {
        "study": name,
        "question": question,
        "objective": {"metric": ERROR, "direction": "minimize"},
        "data": {},
        "stages": stages,
        "axes": {},
        "metrics": {},
        "trials": list(runs["key"]),
        "controls": [],
        "images": [],
        "cost": {},
    }
