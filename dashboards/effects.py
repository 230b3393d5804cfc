"""What a swept hyperparameter does to a measure: compared fairly, seed by seed.

Where the sweep is a crossing, the effect of one hyperparameter is read in two ways. *On average*:
for each seed the mean over all settings of the other hyperparameters, taken only over those
settings that were finished at every value and seed, so that every value is averaged over the same
company. *At the best*: the others held at the best setting's values. Where values were drawn at
random there is no crossing, and every setting is a point of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import statistics
from .comparisons import Contest, Looks
from .memory import remembered
from .outline import finished, objective, swept
from .wording import setting_text

if TYPE_CHECKING:
    from .frames import Frames

COLUMNS = ["view", "value", "mean", "low", "high", "n"]


@dataclass(frozen=True)
class Effect:
    """A table ``view`` ("average", "best" or "draw"), ``value, mean, low, high, n``, and its basis.

    ``company``: over how many settings of the others the average was taken; ``possible``: how many
    there are. ``by_seed``: (seed × value) averages, the pairs behind differences; empty for draws.
    """

    table: pd.DataFrame
    by_seed: pd.DataFrame
    company: int
    possible: int

    @property
    def crossed(self) -> bool:
        """Whether values could be compared in the same company."""
        return not self.by_seed.empty

    def difference(self, high: Any, low: Any) -> statistics.Interval:
        """Paired over seeds: the average at ``high`` minus that at ``low``."""
        return statistics.paired(self.by_seed[high], self.by_seed[low])


def best_setting(frames: Frames, stage: str) -> pd.Series | None:
    """Rank 1 of a stage as a row of ``ranked`` (its name is the setting), None if there is none."""
    table = ranked(frames, stage)
    return None if table.empty else table.iloc[0]


def ranked_labels(frames: Frames, stage: str) -> pd.Series:
    """By setting its rank and values in words, such as "1. noise level 0"; the best first."""
    order, paths = ranked(frames, stage), swept(frames, stage)
    texts = [setting_text(frames, row, paths) for row in statistics.rows(order[list(paths)])]
    ranks = zip(order["rank"], texts, strict=True)
    return pd.Series([f"{rank}. {text}" for rank, text in ranks], order.index, dtype=object)


@remembered
def ranked(frames: Frames, stage: str) -> pd.DataFrame:
    """``statistics.ranking`` of a stage's settings by the objective, with their swept values.

    Adds ``diverged`` (trials lost) and ``recorded`` (trials in MLflow) per setting.
    """
    metric, lower = objective(frames, stage)
    trials = _ended(frames, stage, metric)
    if trials.empty:
        return pd.DataFrame()
    looks, until = looking(frames, stage)
    table = statistics.ranking(trials, metric, lower, looks=looks, until=until)
    all_trials = frames.trials(stage).groupby("setting")
    table["recorded"] = all_trials["seed"].nunique()
    failed = frames.trials(stage)["status"] == "FAILED"
    table["diverged"] = failed.groupby(frames.trials(stage)["setting"]).sum()
    for path in swept(frames, stage):
        table[path] = trials.groupby("setting")[path].first()
    return table


@remembered
def standing(frames: Frames, stage: str) -> Contest | None:
    """How a stage's settings stand against the best; None where no trial has ended."""
    metric, lower = objective(frames, stage)
    trials = _ended(frames, stage, metric)
    if trials.empty:
        return None
    looks, until = looking(frames, stage)
    return statistics.compared(trials, metric, lower, looks=looks, until=until)[1]


def looking(frames: Frames, stage: str) -> tuple[Looks | None, float]:
    """The looks at a stage's settings while seeds are added, and the share that is close enough.

    None, and 0, for a stage whose settings are all compared by the same seeds.
    """
    rule = frames.study.get("seeds")
    if not isinstance(rule, dict) or rule["stage"] != stage:
        return None, 0.0
    return Looks(int(rule["start"]), int(rule["max"])), float(rule["until"])


def with_starting_seeds(frames: Frames, trials: pd.DataFrame) -> pd.DataFrame:
    """Only the trials of those seeds that every setting has; all where no seeds are added."""
    rule = frames.study.get("seeds")
    return trials[trials["seed"] < int(rule["start"])] if isinstance(rule, dict) else trials


@remembered
def effect(frames: Frames, stage: str, path: str, metric: str) -> Effect:
    """How ``metric`` depends on the hyperparameter ``path`` within a stage."""
    trials = finished(frames, stage, metric)
    # Further seeds went to a few settings only: there is no company for them.
    trials = with_starting_seeds(frames, trials)
    others = [name for name in swept(frames, stage) if name != path]
    empty = Effect(pd.DataFrame(columns=COLUMNS), pd.DataFrame(), 0, 0)
    if path in trials.columns:
        # Where its condition does not hold, a hyperparameter is left out and has no value.
        trials = trials[trials[path].notna()]
    if trials.empty or path not in trials.columns:
        return empty
    table = _Crossing.of(trials, others, path, metric)
    fair = table.fair
    if not fair.any() or len(table.values) < 2:
        return Effect(_draws(trials, path, metric), pd.DataFrame(), 0, len(fair))
    by_seed = table.over(fair)
    parts = [_summary(table.values, by_seed, "average")]
    best = best_setting(frames, stage)
    if best is not None and others:
        values = tuple(best[others])
        same = np.array([one == values for one in table.companies])
        parts += [_summary(table.values, table.over(same), "best")] if same.any() else []
    seeds = pd.DataFrame(by_seed, pd.Index(table.seeds, name="seed"), table.values)
    return Effect(pd.concat(parts, ignore_index=True), seeds, int(fair.sum()), len(fair))


@dataclass(frozen=True, eq=False)
class _Crossing:
    """Means of a metric by company and column: a seed and a value that some company has.

    ``companies``: the values of the other hyperparameters, as they occur. ``columns``: (columns,)
    seed · values + value. ``company``, ``column``, ``mean``: (cells,) those that there are, in
    order.
    """

    companies: list[tuple[Any, ...]]
    seeds: pd.Index[Any]
    values: pd.Index[Any]
    columns: NDArray[np.int64]
    company: NDArray[np.int64]
    column: NDArray[np.int64]
    mean: NDArray[np.float64]

    @classmethod
    def of(cls, trials: pd.DataFrame, others: list[str], path: str, metric: str) -> _Crossing:
        """The crossing of trials; those that lack one of the others belong to no company."""
        trials = trials.dropna(subset=others) if others else trials
        company = np.zeros(len(trials), dtype=np.int64)
        for name in others:
            codes, found = pd.factorize(trials[name])
            # Numbered anew each time: the product of many hyperparameters would overflow.
            company = np.unique(company * len(found) + codes, return_inverse=True)[1]
        first = np.unique(company, return_index=True)[1]
        seed, seeds = pd.factorize(trials["seed"], sort=True)
        value, values = pd.factorize(trials[path], sort=True)
        columns, column = np.unique(seed * len(values) + value, return_inverse=True)
        cells, cell = np.unique(company * len(columns) + column, return_inverse=True)
        mean = np.bincount(cell, trials[metric].to_numpy(dtype=float)) / np.bincount(cell)
        return cls(
            list(trials[others].iloc[first].itertuples(index=False, name=None)),
            seeds,
            values.rename(path),
            columns,
            cells // len(columns),
            cells % len(columns),
            mean,
        )

    @property
    def fair(self) -> NDArray[np.bool_]:
        """(companies,) whether a company has every column."""
        held = np.bincount(self.company, minlength=len(self.companies))
        return np.asarray(held == len(self.columns))

    def over(self, companies: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(seeds, values) the mean over some of the companies; NaN where none of them has any."""
        chosen = companies[self.company]
        column, size = self.column[chosen], len(self.columns)
        sums = np.bincount(column, self.mean[chosen], size)
        n = np.bincount(column, minlength=size)
        found = np.full(len(self.seeds) * len(self.values), np.nan)
        np.divide(sums, n, out=sums, where=n > 0)
        found[self.columns] = np.where(n > 0, sums, np.nan)
        return found.reshape(len(self.seeds), len(self.values))


def _ended(frames: Frames, stage: str, metric: str) -> pd.DataFrame:
    """Trials that ended, ``metric`` being inf where one was lost; settings that lost all left out.

    Lost is what diverged, what was stopped as a loser, and what has no finite metric.
    """
    trials = frames.trials(stage)
    whole = finished(frames, stage, metric)
    if whole.empty:
        return whole
    ended = trials[trials["status"].isin(("FINISHED", "FAILED"))]
    ended = ended[ended["setting"].isin(whole["setting"])]
    if looking(frames, stage)[0] is None:
        # On the way, further seeds went to what happened to stand below the contenders.
        ended = with_starting_seeds(frames, ended)
    return ended.assign(**{metric: ended[metric].where(ended.index.isin(whole.index), np.inf)})


def _summary(values: pd.Index[Any], by_seed: NDArray[np.float64], view: str) -> pd.DataFrame:
    """Of (seeds, values), a row for each value that some seed has."""
    table = statistics.of_columns(by_seed)
    table.insert(0, "value", values)
    table.insert(0, "view", view)
    return table[table["n"] > 0]


def _draws(trials: pd.DataFrame, path: str, metric: str) -> pd.DataFrame:
    table = statistics.over_seeds(trials, ["setting"], metric)
    table["value"] = trials.groupby("setting")[path].first()
    return table.assign(view="draw").sort_values("value")[COLUMNS].reset_index(drop=True)
