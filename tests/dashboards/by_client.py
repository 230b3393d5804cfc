"""What MLflow's own client holds of a study, by setting and seed."""

from __future__ import annotations

from made_studies import Made
from mlflow import MlflowClient

NOISIER = Made(
    name="noisier",
    swept={"corruption.level": (0.1, 0.2, 0.4)},
    epochs=3,
    images=False,
    controls=False,
)
"""A study to set beside "crossing": it sweeps the noise alone, and never without any."""


def values(tracking_uri: str, study: str, stage: str, metric: str) -> dict[str, dict[int, float]]:
    """The last value of a metric of every finished trial of a stage: setting → seed → value."""
    client = MlflowClient(tracking_uri)
    experiment = client.get_experiment_by_name(study)
    assert experiment is not None
    found: dict[str, dict[int, float]] = {}
    for run in client.search_runs([experiment.experiment_id], max_results=1000):
        tags = run.data.tags
        if tags.get("layerwise.stage") == stage and run.info.status == "FINISHED":
            seeds = found.setdefault(tags["layerwise.setting"], {})
            seeds[int(tags["layerwise.seed"])] = run.data.metrics[metric]
    return found


def best(tracking_uri: str, study: str, stage: str, metric: str) -> str:
    """The setting with the lowest mean, of those that have the most seeds."""
    found = values(tracking_uri, study, stage, metric)
    most = max(map(len, found.values()))
    means = {name: sum(v.values()) / most for name, v in found.items() if len(v) == most}
    return min(means, key=lambda name: means[name])
