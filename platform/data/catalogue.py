"""The data sets that have a name, and how a study's ``data`` becomes one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ...models.errors import near_miss
from ..errors import DataError
from . import anomalies, data_folder, scale, table
from .binarise import binarised
from .dataset import SPLITS, DataSet
from .known import Known, Module
from .source import DataSource, Part, Samples
from .split import Rows, leading, permutation, three_ways, two_ways

# Where each is read: a file of its own, or one of several. They are imported when asked for.
_FILES = {
    "digits": "digits",
    "mnist": "mnist",
    "fashion_mnist": "fashion_mnist",
    "breast_cancer": "scikit_learn_tables",
    "wine": "scikit_learn_tables",
    "spiral": "spiral",
    "photographs": "photographs",
    "sounds": "sounds",
    "emoji": "emoji",
    "emoji_images": "emoji_images",
    "python_reference": "python_reference",
    "colour_patches": "colour_patches",
    "audio_words": "audio_words",
    "austen_counts": "austen_counts",
    "breastw": "anomaly_tables",
    "pima": "anomaly_tables",
    "ionosphere": "anomaly_tables",
    "glass": "anomaly_tables",
    "wbc": "anomaly_tables",
}


@dataclass(frozen=True)
class Description:
    """A known data set in words. samples: how many; where: its file, or how to get it if not here.

    here: whether its file is there.
    """

    name: str
    shape: str
    samples: int
    licence: str
    source: str
    where: str
    here: bool


def names() -> tuple[str, ...]:
    """The data sets that have a name."""
    return tuple(_FILES)


def describe(name: str) -> Description:
    """A known data set in words, without reading it. Raises DataError for an unknown name."""
    known = _known(name)
    where = str(known.here) if known.here else f"not found: {known.remedy}"
    return Description(
        known.name,
        known.shape,
        known.samples,
        known.licence,
        known.source,
        where,
        known.here is not None,
    )


def files_to_ship(name: str) -> tuple[Path, ...]:
    """What another machine needs of a known data set: its files or folder in ``LAYERWISE_DATA``.

    None for those that come with layerwise or its dependencies, or that are not here.
    """
    folder, path = data_folder.where("."), _known(name).here
    if folder is None or path is None or not path.is_relative_to(folder):
        return ()
    if path == folder:  # IDX files that lie there among others
        return tuple(sorted(path.glob("*-ubyte*")))
    names = path.with_suffix(".json")
    return (path, names) if path.is_file() and names.is_file() else (path,)


def load(source: DataSource) -> DataSet:
    """The data set a study names, split; its own table or folder where it gives a path.

    The same file, shares and ``split_seed`` give the same arrays on every machine. Raises
    DataError when the data are missing, damaged, not finite, too few for the split, or lack the
    labels that a term asks for.
    """
    if source.path is not None:
        path = Path(source.path).expanduser()
        return _split(source.name or path.stem, _read(path, source), None, source, str(path))
    known = _known(source.name)
    _refuse_terms_of_paths(source)
    found = known.read()
    samples, published = found if isinstance(found, tuple) else (found, None)
    return _split(known.name, samples, published, source, known.name)


def _read(path: Path, source: DataSource) -> Samples:
    if not path.is_dir():
        for term in ("image", "sound"):
            if getattr(source, term) is not None:
                rule, remedy = "is a term of folders", f"Leave it out, or name a folder of {term}s"
                raise DataError(f"data.{term}", rule, str(path), remedy)
        return table.read(path, source.label)
    if source.label is not None:
        remedy = "Leave it out: the sub-folders are the labels"
        raise DataError("data.label", "is a term of tables", f"the folder {path}", remedy)
    from . import folder

    return folder.read(path, source.image, source.sound)


def _split(
    name: str, samples: Samples, published: Samples | None, source: DataSource, where: str
) -> DataSet:
    groups = samples.groups
    order = leading(permutation(len(samples.x), source.split_seed), source.samples, groups)
    odd: Rows = order[:0]
    if source.anomalous is not None:
        flags = anomalies.flags(where, samples.labels, source.anomalous)
        samples = replace(samples, labels=flags.astype(np.int64))
        apart = anomalies.held_apart(flags, groups)[order]
        order, odd = order[~apart], order[apart]
    if published is None:
        train, held, test = three_ways(where, order, source.validation, source.test, groups)
    else:
        train, held = two_ways(where, order, source.validation, groups)
        test = np.arange(len(published.x))
    if source.anomalous is not None:
        within = anomalies.let_in(odd, len(train), source.contamination, groups)
        train = _mixed(train, within, source)
        if published is None:
            # What the published test set lacks is not put into it: it stays the published one.
            test = _mixed(test, odd[~np.isin(odd, within)], source)
        else:
            flags = anomalies.flags(where, published.labels, source.anomalous)
            published = replace(published, labels=flags.astype(np.int64))
    last = samples if published is None else published
    parts = [samples[train], samples[held], last[test]]
    together = None
    if groups is not None:
        tested = last.groups if last.groups is not None else np.zeros(len(last.x), np.int64)
        together = {"train": groups[train], "validation": groups[held], "test": tested[test]}
    return _data_set(name, source, samples, parts, together)


def _mixed(rows: Rows, more: Rows, source: DataSource) -> Rows:
    both = np.concatenate([rows, more])
    return both[permutation(len(both), source.split_seed)] if len(more) else rows


def _data_set(
    name: str,
    source: DataSource,
    samples: Samples,
    parts: list[Part],
    groups: dict[str, NDArray[np.int64]] | None,
) -> DataSet:
    arrays = [x for x, _ in parts]
    scaling = None
    if source.scale is not None:
        scaling = scale.fitted(arrays[0], source.scale)
        for x in arrays:
            scale.apply(x, scaling, source.scale)
    if source.binarise is not None:
        # A seed of its own for each split, so that a share changes no other split's draws.
        arrays = [
            binarised(x, source.binarise, 3 * source.split_seed + number)
            for number, x in enumerate(arrays)
        ]
    changed = scaling is not None or source.binarise is not None
    train, validation, test = arrays
    labels = {split: y for split, (_, y) in zip(SPLITS, parts, strict=True) if y is not None}
    return DataSet(
        name,
        train,
        validation,
        test,
        labels or None,
        samples.image_shape,
        samples.channels,
        samples.features,
        samples.modalities,
        groups,
        # Rows that were changed are no levels of a spectrum any more, nor from that density.
        None if changed else samples.sound,
        scaling,
        None if changed else samples.density,
    )


def _refuse_terms_of_paths(source: DataSource) -> None:
    for term in ("label", "image", "sound"):
        if getattr(source, term) is not None:
            rule, remedy = "is a term of tables and folders of your own", "Leave it out"
            raise DataError(f"data.{term}", rule, f"data set {source.name}", remedy)


def _known(name: str | None) -> Known:
    if name in _FILES:
        module = import_module(f".{_FILES[name]}", __package__)
        tables: dict[str, Known] = getattr(module, "TABLES", {})
        return tables[name] if tables else Known.of(cast(Module, module))
    guess = near_miss(name or "", names())
    remedy = f"Did you mean {guess}?" if guess else f"Choose one of {', '.join(names())}"
    if not guess:
        remedy += ", or write {path: table.csv} for a table of your own"
    raise DataError("data.name", "must be a known data set", name, remedy)
