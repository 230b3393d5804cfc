"""The data sets that have a name, and how a study's ``data`` becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...models.errors import near_miss
from ..errors import DataError
from . import digits, mnist, table
from .binarise import binarised
from .dataset import SPLITS, DataSet
from .source import DataSource, Samples
from .split import Rows, three_ways, two_ways

_KNOWN = {digits.NAME: digits, mnist.NAME: mnist}

Part = tuple[NDArray[np.float32], NDArray[Any] | None]


@dataclass(frozen=True)
class Description:
    """A known data set in words. samples: how many; where: its file, or how to get it."""

    name: str
    shape: str
    samples: int
    licence: str
    source: str
    where: str


def names() -> tuple[str, ...]:
    """The data sets that have a name."""
    return tuple(_KNOWN)


def describe(name: str) -> Description:
    """A known data set in words, without reading it. Raises DataError for an unknown name."""
    if name not in _KNOWN:
        raise _unknown(name)
    known = _KNOWN[name]
    path = known.where()
    if path is not None and path.is_file():
        where = str(path)
    elif name == mnist.NAME:
        where = "not found: set LAYERWISE_DATA to the folder that holds mnist.npz"
    else:
        where = "not found: install scikit-learn"
    return Description(name, known.SHAPE, known.SAMPLES, known.LICENCE, known.SOURCE, where)


def load(source: DataSource) -> DataSet:
    """The data set a study names, split; its own table where it gives a path.

    The same file, shares and ``split_seed`` give the same arrays on every machine. Raises
    DataError when the data are missing, damaged, not finite, or too few for the split.
    """
    if source.path is not None:
        path = Path(source.path).expanduser()
        samples = table.read(path)
        return _split(source.name or path.stem, samples, source, where=str(path))
    if source.name == digits.NAME:
        return _split(digits.NAME, digits.read(), source)
    if source.name == mnist.NAME:
        return _published(source)
    raise _unknown(source.name)


def _split(name: str, samples: Samples, source: DataSource, where: str | None = None) -> DataSet:
    shares = source.validation, source.test
    rows = three_ways(where or name, len(samples.x), *shares, source.split_seed)
    return _data_set(name, source, [samples[split] for split in rows], samples.image_shape)


def _published(source: DataSource) -> DataSet:
    samples, published = mnist.read()
    count = len(samples.x)
    train, validation = two_ways(mnist.NAME, count, source.validation, source.split_seed)
    everything: Rows = np.arange(len(published.x))
    parts = [samples[train], samples[validation], published[everything]]
    return _data_set(mnist.NAME, source, parts, samples.image_shape)


def _data_set(
    name: str, source: DataSource, parts: list[Part], image_shape: tuple[int, int] | None
) -> DataSet:
    arrays = [x for x, _ in parts]
    if source.binarise is not None:
        # A seed of its own for each split, so that a share changes no other split's draws.
        arrays = [
            binarised(x, source.binarise, 3 * source.split_seed + number)
            for number, x in enumerate(arrays)
        ]
    train, validation, test = arrays
    labels = {split: y for split, (_, y) in zip(SPLITS, parts, strict=True) if y is not None}
    return DataSet(name, train, validation, test, labels or None, image_shape)


def _unknown(name: str | None) -> DataError:
    guess = near_miss(name or "", names())
    remedy = f"Did you mean {guess}?" if guess else f"Choose one of {', '.join(names())}"
    if not guess:
        remedy += ", or write {path: table.csv} for a table of your own"
    return DataError("data.name", "must be a known data set", name, remedy)
