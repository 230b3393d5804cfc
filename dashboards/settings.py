"""The settings of a stage as one table: what each is, and what it reached, mean over its seeds.

Maps and filters by ranges read the same table, so that what is brushed is what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .effects import looking, with_starting_seeds
from .errors import RecordError
from .memory import remembered
from .outline import finished, near_miss
from .reliability import FLAG, HIGH, LOW
from .wording import SPLITS, axis_label, measure_label

if TYPE_CHECKING:
    from .frames import Frames


def is_metric(column: str) -> bool:
    """Whether a column of ``Frames.runs`` holds a metric, such as ``validation/…``."""
    split, slash, _ = column.partition("/")
    return bool(slash) and split in SPLITS


def column_label(frames: Frames, column: str) -> str:
    """The name of a hyperparameter or a metric in words; text, not markup."""
    return measure_label(frames, column) if is_metric(column) else axis_label(frames, column)


@remembered
def metrics(frames: Frames) -> tuple[str, ...]:
    """The metrics that trials have, without the bounds and the flag beside an estimate."""
    found = [str(name) for name in frames.runs.columns if is_metric(str(name))]
    beside = {
        name.removesuffix(FLAG) + end
        for name in found
        if name.endswith(FLAG)
        for end in (FLAG, LOW, HIGH)
    }
    return tuple(name for name in found if name not in beside)


def setting_values(frames: Frames, stage: str, columns: Sequence[str]) -> pd.DataFrame:
    """``columns`` of ``Frames.runs``, a row per setting of a stage (the index, as trials come).

    A hyperparameter is as it was set, NaN or None where the setting does not have it. A metric is
    the mean over the seeds that finished with a finite one, NaN where none did; where seeds are
    added to settings of another stage, over those seeds that every setting has. Raises
    ``RecordError`` for a column that the trials do not have.
    """
    settings = _places(frames, stage)[2]
    found = {name: _column(frames, stage, name) for name in dict.fromkeys(columns)}
    return pd.DataFrame(found, index=pd.Index(settings, name="setting"))


def seeds_of(frames: Frames, stage: str, metric: str) -> pd.DataFrame:
    """The rows of ``runs`` over which ``setting_values`` takes the means of a metric."""
    trials = finished(frames, stage, metric)
    if looking(frames, stage)[0] is None:
        # On the way, further seeds went to what happened to stand below the contenders.
        return with_starting_seeds(frames, trials)
    return trials


@remembered
def seed_counts(frames: Frames, stage: str, metric: str) -> pd.Series:
    """By setting over how many seeds ``setting_values`` takes the mean of a metric."""
    settings = _places(frames, stage)[2]
    at = settings.get_indexer(pd.Index(seeds_of(frames, stage, metric)["setting"]))
    return pd.Series(np.bincount(at, minlength=len(settings)), index=settings)


@remembered
def _places(frames: Frames, stage: str) -> tuple[pd.DataFrame, NDArray[np.int64], pd.Index[Any]]:
    """The trials of a stage, the row of each setting's first one, and the settings."""
    trials = frames.trials(stage)
    trials = trials[trials["setting"].notna()]
    codes, settings = pd.factorize(trials["setting"])
    first = np.unique(codes, return_index=True)[1]
    return trials, first, pd.Index(settings, dtype=object)


@remembered
def _column(frames: Frames, stage: str, name: str) -> NDArray[Any]:
    """(settings,) the values of one column."""
    trials, first, settings = _places(frames, stage)
    if name not in trials.columns:
        likely = near_miss(name, map(str, trials.columns))
        remedy = f"Did you mean {likely!r}?" if likely else None
        raise RecordError("column", "must be a hyperparameter or metric of trials", name, remedy)
    if not is_metric(name):
        return np.asarray(trials[name].to_numpy()[first])
    good = seeds_of(frames, stage, name)
    at = settings.get_indexer(pd.Index(good["setting"]))
    sums = np.bincount(at, good[name].to_numpy(dtype=float), minlength=len(settings))
    n = np.bincount(at, minlength=len(settings))
    return np.asarray(np.divide(sums, n, out=np.full(len(settings), np.nan), where=n > 0))
