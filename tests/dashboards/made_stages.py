"""Two stages whose readouts are known: what a test of stages side by side begins from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from mlflow import MlflowClient

from layerwise.dashboards.frames import Frames, read

ERROR = "validation/reconstruction_error"
PROBE, NEIGHBOURS = "test/probe_accuracy", "test/neighbour_accuracy"


def accuracy(stage: str, seed: int, level: float) -> float:
    """What a probe tells from a trial's codes: 2 to 4 points more of the second stage's."""
    gain = 0.02 + 0.01 * seed if stage == "second" else 0.0
    return 0.8 + 0.03 * seed - 0.1 * level + gain


def read_out(tracking_uri: str, study: str) -> Frames:
    """Log a readout of every trial of a study, as its record would have it, and read the study."""
    client = MlflowClient(tracking_uri)
    experiment = client.get_experiment_by_name(study)
    assert experiment is not None
    for run in client.search_runs(
        [experiment.experiment_id], "tags.`layerwise.kind` = 'trial'", max_results=1000
    ):
        tags, level = run.data.tags, float(run.data.params["corruption.level"])
        value = accuracy(tags["layerwise.stage"], int(tags["layerwise.seed"]), level)
        client.log_metric(run.info.run_id, PROBE, value, timestamp=1000, step=6)
        client.log_metric(run.info.run_id, NEIGHBOURS, value - 0.1, timestamp=1000, step=6)
        # The made-up law does not know what a trial stands on, so that settings would tie.
        above = float(run.data.params.get("first.corruption.level", 0.0))
        error = run.data.metrics[ERROR] + above
        client.log_metric(run.info.run_id, ERROR, error, timestamp=2000, step=6)
    return read(tracking_uri, study)


def changed(frames: Frames, chosen: pd.Series, **values: Any) -> Frames:
    """The frames with other values in the columns of the chosen trials (``__`` for a slash)."""
    runs = frames.runs.copy()
    for name, value in values.items():
        column = name.replace("__", "/")
        runs[column] = runs[column].where(~chosen, value)
    return replace(frames, runs=runs, memory={})


def renamed(frames: Frames, names: dict[str, str]) -> Frames:
    """The frames with other names of the stages."""
    entries = [
        {**one, "name": names[one["name"]], "after": [names[other] for other in one["after"]]}
        for one in frames.study["stages"]
    ]
    runs = frames.runs.assign(stage=frames.runs["stage"].map(names))
    columns = {
        name: f"{names[stage]}.{path}"
        for name in map(str, runs.columns)
        for stage, _, path in [name.partition(".")]
        if stage in names
    }
    study = {**frames.study, "stages": entries}
    return replace(frames, runs=runs.rename(columns=columns), study=study, memory={})
