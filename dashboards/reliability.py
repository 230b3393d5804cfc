"""Estimates that cannot be trusted: which they are, and between which bounds the truth may lie.

A measure that is an estimate, such as ``validation/log_likelihood``, stands beside three others:
``…_reliable`` (1 or 0), ``…_low`` and ``…_high``. Where bounds disagree it is unreliable, and is
called so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .outline import finished
from .wording import count, measure_label, number

if TYPE_CHECKING:
    from .frames import Frames

FLAG, LOW, HIGH = "_reliable", "_low", "_high"


@dataclass(frozen=True)
class Doubt:
    """That a value is unreliable, with the lowest and the highest bound of its trials."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"unreliable: {number(self.low)} to {number(self.high)}"


def doubt(metric: str, trials: Sequence[Mapping[str, float]]) -> Doubt | None:
    """The doubt about a mean over trials, given each one's last metrics; None where all are sound.

    One unreliable trial makes the mean unreliable. A metric without a flag is no estimate.
    """
    flags = [trial.get(metric + FLAG, 1.0) for trial in trials]
    if all(flags):
        return None
    lows = [trial.get(metric + LOW, -np.inf) for trial in trials]
    highs = [trial.get(metric + HIGH, np.inf) for trial in trials]
    return Doubt(float(np.min(lows)), float(np.max(highs)))


def about(trials: pd.DataFrame, metric: str) -> Doubt | None:
    """The doubt about a mean of a metric over these rows of ``runs``."""
    if metric + FLAG not in trials:
        return None
    names = [name for name in (metric + FLAG, metric + LOW, metric + HIGH) if name in trials]
    rows = trials[names].dropna(subset=names[:1])
    return doubt(metric, [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")])


def of_settings(frames: Frames, stage: str, metric: str) -> dict[str, Doubt]:
    """The doubts about a stage's settings, those of sound ones left out."""
    trials = finished(frames, stage, metric)
    if metric + FLAG not in trials:
        return {}
    groups = trials.groupby("setting")
    found = {str(setting): about(trials, metric) for setting, trials in groups}
    return {setting: one for setting, one in found.items() if one is not None}


def remark(frames: Frames, stage: str, metric: str) -> str:
    """For how many trials of a stage a metric is unreliable, as a sentence; "" where for none."""
    trials = finished(frames, stage, metric)
    if metric + FLAG not in trials.columns:
        return ""
    poor = trials[trials[metric + FLAG] == 0]
    found = about(poor, metric)
    if found is None:
        return ""
    label = measure_label(frames, metric)
    return (
        f"The {label} of {len(poor)} of {count(len(trials), 'trial')} is unreliable: "
        f"bounds reach from {number(found.low)} to {number(found.high)}."
    )
