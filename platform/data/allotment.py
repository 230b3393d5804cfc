"""Which row goes into which split, by the terms of a study; rows themselves are not looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import anomalies
from .source import DataSource
from .split import Groups, Rows, leading, permutation, three_ways, two_ways


class Allotment(NamedTuple):
    """Row numbers of each split, and the labels that its rows have by now.

    labels: (n,) of all rows that were allotted, or None; published_labels: of those that were
    published as a test set. Both are 1 or 0 where a study names anomalies.
    """

    train: Rows
    validation: Rows
    test: Rows
    labels: NDArray[Any] | None
    published_labels: NDArray[Any] | None = None


class Published(NamedTuple):
    """A test set that was published apart: how many rows it has, and their (n,) labels."""

    rows: int
    labels: NDArray[Any] | None


def allotted(
    where: str,
    rows: int,
    labels: NDArray[Any] | None,
    source: DataSource,
    groups: Groups | None = None,
    published: Published | None = None,
) -> Allotment:
    """The rows of train, validation and test, of so many ``rows``.

    where: the table, in an error. labels, groups: (rows,), or None. Raises DataError when a share
    leaves nothing, or for anomalies that are not there.
    """
    order = leading(permutation(rows, source.split_seed), source.samples, groups)
    odd: Rows = order[:0]
    if source.anomalous is not None:
        flags = anomalies.flags(where, labels, source.anomalous)
        labels = flags.astype(np.int64)
        apart = anomalies.held_apart(flags, groups)[order]
        order, odd = order[~apart], order[apart]
    if published is None:
        train, held, test = three_ways(where, order, source.validation, source.test, groups)
    else:
        train, held = two_ways(where, order, source.validation, groups)
        test = np.arange(published.rows)
    published_labels = None if published is None else published.labels
    if source.anomalous is not None:
        within = anomalies.let_in(odd, len(train), source.contamination, groups)
        train = _mixed(train, within, source)
        if published is None:
            # What the published test set lacks is not put into it: it stays the published one.
            test = _mixed(test, odd[~np.isin(odd, within)], source)
        else:
            flags = anomalies.flags(where, published_labels, source.anomalous)
            published_labels = flags.astype(np.int64)
    return Allotment(train, held, test, labels, published_labels)


def _mixed(rows: Rows, more: Rows, source: DataSource) -> Rows:
    both = np.concatenate([rows, more])
    return both[permutation(len(both), source.split_seed)] if len(more) else rows
