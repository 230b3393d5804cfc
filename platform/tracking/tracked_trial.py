"""What one trial becomes in the record: a name, tags, params, and points in time.

Everything here is a function of the trial alone, so that recording it a second time, from another
process and after a crash, writes the very same rows, which MLflow then recognises as known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# The lowest limits of the MLflow releases supported; what is longer would be refused or cut by
# a server without a word.
MOST_CHARACTERS_OF_A_PARAM = 6000
MOST_CHARACTERS_OF_A_TAG = 5000
# The states of a run to which nothing is added any more; KILLED is not one of them.
ENDED = ("FINISHED", "FAILED")


class Point(NamedTuple):
    """One number of a history. ``value`` is NaN for everything that is not finite."""

    metric: str
    value: float
    timestamp_ms: int
    step: int


@dataclass(frozen=True)
class TrackedTrial:
    """A trained trial on its way into the record.

    ``key`` is the stage's key; ``depth`` is 0 at a root stage; ``parent_keys`` are the keys of the
    stages it read; ``setting`` is equal for trials that differ in nothing but the seed;
    ``history`` holds (epoch, value) pairs per metric, epoch 0 being before training; ``started``
    and ``ended`` are Unix seconds and must come with the trial from the store, since all
    timestamps are computed from them; ``diverged_at`` is the epoch at which the loss left the
    finite numbers, and ``diverged_step`` the step, counted from 0 through all epochs;
    ``stopped_at`` the epoch after which ``stopped_by``, halving or median, ended it, and
    ``plateau_at`` the one after which it was done because it got no better.
    """

    key: str
    stage: str
    depth: int
    model: str
    seed: int
    parent_keys: tuple[str, ...]
    setting: str
    cohort: str
    reused: bool
    params: Mapping[str, object]
    history: Mapping[str, Sequence[tuple[int, float]]]
    started: float
    ended: float
    diverged_at: int | None = None
    diverged_step: int | None = None
    stopped_at: int | None = None
    stopped_by: str | None = None
    plateau_at: int | None = None

    @property
    def run_name(self) -> str:
        """The name shown in MLflow's table."""
        return f"{self.stage} {self.key[:8]}"

    @property
    def status(self) -> str:
        """MLflow's word: FINISHED, or FAILED where training diverged."""
        return "FINISHED" if self.diverged_at is None else "FAILED"

    @property
    def start_ms(self) -> int:
        """Unix milliseconds."""
        return round(self.started * 1000)

    @property
    def end_ms(self) -> int:
        """Unix milliseconds, not before the start."""
        return max(self.start_ms, round(self.ended * 1000))

    def points(self) -> list[Point]:
        """Every number of the history, spread evenly over the training time, each exactly once."""
        last = max((epoch for series in self.history.values() for epoch, _ in series), default=0)
        start = self.start_ms
        span = self.end_ms - start
        return [
            Point(
                metric,
                float(value) if math.isfinite(value) else math.nan,
                start + (span * epoch // last if last else 0),
                epoch,
            )
            for metric, series in self.history.items()
            for epoch, value in dict(series).items()
        ]

    def tags(self, parent_run: str) -> dict[str, str]:
        """The run's tags, under the parent run of that id."""
        tags = {
            "mlflow.runName": self.run_name,
            "mlflow.parentRunId": parent_run,
            "layerwise.kind": "trial",
            "layerwise.key": self.key,
            "layerwise.stage": self.stage,
            "layerwise.depth": str(self.depth),
            "layerwise.model": self.model,
            "layerwise.seed": str(self.seed),
            "layerwise.parent_key": ",".join(self.parent_keys),
            "layerwise.setting": self.setting,
            "layerwise.cohort": self.cohort,
        }
        if self.reused:
            tags["layerwise.reused"] = "true"
        for name in ("diverged_at", "diverged_step", "stopped_at", "stopped_by", "plateau_at"):
            value = getattr(self, name)
            if value is not None:
                tags[f"layerwise.{name}"] = str(value)
        if infinite := ", ".join(self._infinite()):
            tags["layerwise.infinite"] = infinite
        if unreliable := ", ".join(self._unreliable()):
            tags["layerwise.unreliable"] = unreliable
        return {name: shortened(value, MOST_CHARACTERS_OF_A_TAG) for name, value in tags.items()}

    def params_as_text(self) -> dict[str, str]:
        """Params as MLflow stores them: numbers so that ``float`` gives them back exactly."""
        return {
            path: shortened(as_text(value), MOST_CHARACTERS_OF_A_PARAM)
            for path, value in self.params.items()
        }

    def _infinite(self) -> Iterator[str]:
        # MLflow would store an infinity as ±1.8e308, which a chart then takes for a number.
        for metric, series in self.history.items():
            for epoch, value in dict(series).items():
                if math.isinf(value):
                    yield f"{metric} at {epoch}: {'-' if value < 0 else '+'}inf"

    def _unreliable(self) -> Iterator[str]:
        # MLflow shows the flag and the bounds as metrics of their own, which is easily missed.
        last = {metric: series[-1][1] for metric, series in self.history.items() if series}
        for flag, value in last.items():
            metric = flag.removesuffix("_reliable")
            if metric != flag and value == 0:
                low, high = (last.get(f"{metric}_{end}", math.nan) for end in ("low", "high"))
                yield f"{metric}: between {low:.6g} and {high:.6g}"


def as_text(value: object) -> str:
    """A param in the words of the study's YAML: ``true``, ``null``, ``0.1``, ``[1, 2]``."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis where it has more than ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
