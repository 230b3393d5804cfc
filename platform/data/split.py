"""Which sample goes where: a permutation that a seed determines for ever."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

Rows = NDArray[np.intp]
Groups = NDArray[np.int64]


def permutation(samples: int, seed: int) -> Rows:
    """(samples,) each row number once, in an order that depends on ``seed`` alone.

    Raises DataError for a negative seed.
    """
    if seed < 0:
        raise DataError("data.split_seed", "must be 0 or more", seed)
    # NumPy promises the raw numbers of a bit generator for ever, but not what permutation() makes
    # of them; with another NumPy every key would change and every stage be trained again.
    return np.argsort(np.random.PCG64(seed).random_raw(samples), kind="stable")


def three_ways(
    name: str, order: Rows, validation: float, test: float, groups: Groups | None = None
) -> tuple[Rows, Rows, Rows]:
    """Row numbers of train, validation and test; test does not depend on ``validation``.

    order: row numbers in the order of a :func:`permutation`, or its first ones. validation, test:
    shares between 0 and 1 that leave something to train on. groups: for each row of the data, which
    group it is from; shares are of the groups then, each group is in one split, and rows are in the
    data's order. Raises DataError when shares leave nothing, or when a split would be empty.
    """
    _check_share("data.validation", validation)
    _check_share("data.test", test)
    if validation + test >= 1:
        rule, remedy = "validation and test must leave something to train on", "Lower one of them"
        raise DataError("data", rule, f"{validation:g} + {test:g}", remedy)
    train, held, last = _cut(name, order, (1 - validation - test, 1 - test), groups)
    return train, held, last


def two_ways(
    name: str, order: Rows, validation: float, groups: Groups | None = None
) -> tuple[Rows, Rows]:
    """Row numbers of train and validation, where the test set is a file of its own.

    Raises DataError as :func:`three_ways` does.
    """
    _check_share("data.validation", validation)
    train, held = _cut(name, order, (1 - validation,), groups)
    return train, held


def leading(order: Rows, count: int | None, groups: Groups | None = None) -> Rows:
    """The first ``count`` rows of an ``order``, or all; of groups whole ones, while they fit."""
    if count is None or groups is None:
        return order[:count]
    turns = in_turn(order, groups)
    sizes = np.array([np.count_nonzero(groups == group) for group in turns])
    kept = turns[: max(1, int(np.searchsorted(np.cumsum(sizes), count, side="right")))]
    return order[np.isin(groups[order], kept)]


def in_turn(order: Rows, groups: Groups) -> Groups:
    """The groups of the rows in ``order``, each once; their sizes do not tell in which turn."""
    # The first row of a group speaks for it: the earliest would favour large groups.
    rows = np.sort(order)
    spokesmen = rows[np.unique(groups[rows], return_index=True)[1]]
    return groups[order[np.isin(order, spokesmen)]]


def _cut(
    name: str, order: Rows, ends: tuple[float, ...], groups: Groups | None
) -> tuple[Rows, ...]:
    """The rows up to each of the ends, shares of 1, and the rest."""
    if groups is None:
        splits = np.split(order, [round(len(order) * end) for end in ends])
        _refuse_empty(name, "samples", [len(split) for split in splits])
        return tuple(splits)
    turns = in_turn(order, groups)
    parts = np.split(turns, [round(len(turns) * end) for end in ends])
    _refuse_empty(name, "groups", [len(part) for part in parts])
    # Rows of a group in their own order: those of a sound are to become that sound again.
    return tuple(np.sort(order[np.isin(groups[order], part)]) for part in parts)


def _check_share(where: str, share: float) -> None:
    if not 0 < share < 1:
        raise DataError(where, "must be a share between 0 and 1, both excluded", share)


def _refuse_empty(name: str, what: str, counts: list[int]) -> None:
    if min(counts) == 0:
        rule = f"needs enough {what} for at least one in each of train, validation and test"
        got = f"{sum(counts)} {what}, split {', '.join(map(str, counts))}"
        raise DataError(name, rule, got, f"Bring more {what} or raise the share that is too small")
