"""Means, intervals and paired differences over seeds.

The interval is Student's t over n seeds: mean ± t(0.975, n − 1) · s / √n. Values that are not
finite do not count. One seed has a mean and no interval: its bounds are NaN, never zero. Settings
are compared with one another, all at once, by ``comparisons``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from .comparisons import Contest, Looks, contest

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over ``n`` values with the bounds of its interval (NaN where there is none)."""

    mean: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Interval:
        """From a row with ``mean, low, high, n``."""
        return cls(float(row["mean"]), float(row["low"]), float(row["high"]), int(row["n"]))

    def size(self) -> Interval:
        """The interval of the amount, whatever its sign: −3 to −1 becomes 1 to 3."""
        if self.mean >= 0:
            return self
        return Interval(-self.mean, -self.high, -self.low, self.n)

    @property
    def known(self) -> bool:
        """Whether there were values enough (two) for bounds."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside the bounds; False without bounds."""
        return self.known and (self.low > 0 or self.high < 0)


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table in order, as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Mean and t-interval of the finite ``values`` (n,)."""
    array = np.asarray(values, dtype=float).ravel()
    finite = array[np.isfinite(array)]
    if not finite.size:
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(finite.mean())
    if finite.size == 1:
        return Interval(mean, np.nan, np.nan, 1)
    half = float(_quantile(finite.size, level) * finite.std(ddof=1) / np.sqrt(finite.size))
    return Interval(mean, mean - half, mean + half, int(finite.size))


def over_seeds(
    frame: pd.DataFrame, by: Sequence[str], column: str, level: float = LEVEL
) -> pd.DataFrame:
    """Columns ``mean, low, high, n`` of ``column``, one row per group of ``by``, in its index."""
    place, index = _groups(frame, by)
    values = frame[column].to_numpy(dtype=float)
    known = np.isfinite(values)
    place, values = place[known], values[known]
    n = np.bincount(place, minlength=len(index))
    safe = np.maximum(n, 1)
    mean = np.bincount(place, values, len(index)) / safe
    squares = np.bincount(place, (values - mean[place]) ** 2, len(index))
    half = _quantile(n, level) * np.sqrt(squares / np.maximum(n - 1, 1) / safe)
    mean = np.where(n > 0, mean, np.nan)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half, "n": n}, index)


def _groups(frame: pd.DataFrame, by: Sequence[str]) -> tuple[NDArray[Any], pd.Index[Any]]:
    """(rows,) which group each row is in, and the groups in order; a missing value is one too."""
    if len(by) == 1:
        place, found = pd.factorize(frame[by[0]], sort=True, use_na_sentinel=False)
        return place, pd.Index(found, name=by[0])
    grouped = frame.groupby(list(by), dropna=False, sort=True)
    return grouped.ngroup().to_numpy(), grouped.size().index


def of_columns(values: NDArray[np.float64], level: float = LEVEL) -> pd.DataFrame:
    """``mean, low, high, n`` of each column of ``values`` (samples, columns), as ``over_seeds``."""
    known = np.isfinite(values)
    n = known.sum(0)
    safe = np.maximum(n, 1)
    mean = np.where(known, values, 0.0).sum(0) / safe
    squares = np.where(known, values - mean, 0.0) ** 2
    spread = np.sqrt(squares.sum(0) / np.maximum(n - 1, 1))
    half = _quantile(n, level) * spread / np.sqrt(safe)
    mean = np.where(n > 0, mean, np.nan)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half, "n": n})


def paired(first: pd.Series, second: pd.Series, level: float = LEVEL) -> Interval:
    """Interval of ``first − second`` over the seeds (their index) that both have."""
    return interval((first - second).to_numpy(dtype=float), level)


def compared(
    frame: pd.DataFrame,
    metric: str,
    lower_is_better: bool,
    group: str = "setting",
    looks: Looks | None = None,
    until: float = 0.0,
) -> tuple[list[Any], Contest]:
    """The groups of a frame (a row per group and ``seed``), and how they stand against the best.

    A value that is not finite counts as lost, a seed without a row as not there yet; see
    :func:`comparisons.contest`. ``looks``: one look at all the seeds when left out.
    """
    values = frame[metric].to_numpy(dtype=float)
    values = np.where(np.isfinite(values), values, np.inf)
    row, seeds = pd.factorize(frame["seed"], sort=True)
    column, names = pd.factorize(frame[group], sort=True)
    shape = len(seeds), len(names)
    cell = np.ravel_multi_index((row, column), shape)
    n = np.bincount(cell, minlength=shape[0] * shape[1])
    sums = np.bincount(cell, values, len(n))
    wide = np.divide(sums, n, out=np.full(len(n), np.nan), where=n > 0).reshape(shape)
    looks = looks or Looks(max(len(wide), 1), max(len(wide), 1))
    return list(names), contest(wide, lower_is_better, looks, until)


def ranking(
    frame: pd.DataFrame,
    metric: str,
    lower_is_better: bool,
    group: str = "setting",
    looks: Looks | None = None,
    until: float = 0.0,
) -> pd.DataFrame:
    """Groups from best to worst, a row each, compared with the first as in :func:`compared`.

    ``rank, mean, low, high, n, seeds``: ``seeds`` counts the rows of a group and ``n`` those with a
    finite metric; the interval of the mean is of that group alone. ``diff, diff_low, diff_high``:
    the paired difference from the first, with bounds that hold for all groups at once, NaN where
    there are none. ``whole``: whether the group lost no seed and has all that it must have.
    ``tied``: whether it contends with the first. A group that is not whole (diverged, or not run
    yet) comes after all that are, because its mean hides what was lost; among whole ones those
    come first that were given more seeds.
    """
    values = frame[metric].astype(float)
    table = over_seeds(frame, [group], metric)
    table["seeds"] = frame.groupby(group)["seed"].nunique()
    names, found = compared(frame, metric, lower_is_better, group, looks, until)
    lost = values.map(np.isfinite).eq(False).groupby(frame[group]).any()
    least = looks.start if looks is not None else frame["seed"].nunique()
    table["whole"] = (table["n"] >= least) & ~lost.reindex(table.index).astype(bool)
    # Where no group is whole, those come first that have the most.
    late = ~table["whole"] if table["whole"].any() else table["n"] < table["n"].max()
    order = pd.DataFrame(
        {
            "late": late,
            "fewer": -table["n"].where(~late, 0),
            "mean": table["mean"] * (1.0 if lower_is_better else -1.0),
        }
    )
    best = names[found.best] if found.best >= 0 else None
    order.insert(0, "other", [name != best for name in table.index])
    table = table.loc[order.sort_values(list(order.columns), kind="stable").index]
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    columns = {
        "diff": found.difference,
        "diff_low": found.low,
        "diff_high": found.high,
        "tied": found.contending,
    }
    against = pd.DataFrame(columns, index=names).reindex(table.index)
    table[list(columns)[:3]] = against[list(columns)[:3]].astype(float)
    first = table["rank"] == 1
    table.loc[first, ["diff_low", "diff_high"]] = np.nan
    table["tied"] = against["tied"].eq(True) & ~first & table["diff_low"].notna()
    return table


def _quantile(n: ArrayLike, level: float) -> NDArray[np.float64]:
    """t quantile for ``n`` values; NaN where n < 2."""
    freedom = np.asarray(n, dtype=float) - 1.0
    safe = np.where(freedom >= 1, freedom, 1.0)
    return np.where(freedom >= 1, stdtrit(safe, 0.5 + level / 2), np.nan)
