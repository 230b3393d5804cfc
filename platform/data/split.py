"""Which sample goes where: a permutation that a seed determines for ever."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

Rows = NDArray[np.intp]


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
    name: str, samples: int, validation: float, test: float, seed: int
) -> tuple[Rows, Rows, Rows]:
    """Row numbers of train, validation and test; test does not depend on ``validation``.

    validation, test: shares between 0 and 1 that leave something to train on. Raises DataError
    when they do not, or when a split would be empty.
    """
    _check_share("data.validation", validation)
    _check_share("data.test", test)
    if validation + test >= 1:
        rule, remedy = "validation and test must leave something to train on", "Lower one of them"
        raise DataError("data", rule, f"{validation:g} + {test:g}", remedy)
    order = permutation(samples, seed)
    first, second = round(samples * (1 - validation - test)), round(samples * (1 - test))
    splits = order[:first], order[first:second], order[second:]
    _refuse_empty(name, splits)
    return splits


def two_ways(name: str, samples: int, validation: float, seed: int) -> tuple[Rows, Rows]:
    """Row numbers of train and validation, where the test set is a file of its own.

    Raises DataError as :func:`three_ways` does.
    """
    _check_share("data.validation", validation)
    order = permutation(samples, seed)
    train = round(samples * (1 - validation))
    splits = order[:train], order[train:]
    _refuse_empty(name, splits)
    return splits


def _check_share(where: str, share: float) -> None:
    if not 0 < share < 1:
        raise DataError(where, "must be a share between 0 and 1, both excluded", share)


def _refuse_empty(name: str, splits: tuple[Rows, ...]) -> None:
    counts = [len(split) for split in splits]
    if min(counts) == 0:
        rule = "needs enough samples for at least one in each of train, validation and test"
        got = f"{sum(counts)} samples, split {', '.join(map(str, counts))}"
        raise DataError(name, rule, got, "Bring more samples or raise the share that is too small")
