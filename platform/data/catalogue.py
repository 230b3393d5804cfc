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
from . import data_folder, streamed, table
from .adjusted import adjust
from .allotment import Published, allotted
from .dataset import SPLITS, DataSet
from .known import Known, Module
from .pieces import ReadPieces, in_this_process
from .source import DataSource, Part, Samples

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


def load(source: DataSource, read: ReadPieces = in_this_process) -> DataSet:
    """The data set a study names, split; its own table or folder where it gives a path.

    The same file, shares and ``split_seed`` give the same arrays on every machine, streamed or not.
    ``read`` reads tables that are streamed, and those in several parts. Raises DataError when the
    data are missing, damaged, not finite, too few for the split, or lack the labels that a term
    asks for.
    """
    if source.path is not None:
        path = Path(source.path).expanduser()
        parted = streamed.concerned(path, source)
        if parted is not None:
            return streamed.load(parted, source, read)
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
    apart = None if published is None else Published(len(published.x), published.labels)
    found = allotted(where, len(samples.x), samples.labels, source, groups, apart)
    samples = replace(samples, labels=found.labels)
    last = samples if published is None else replace(published, labels=found.published_labels)
    parts = [samples[found.train], samples[found.validation], last[found.test]]
    together = None
    if groups is not None:
        tested = last.groups if last.groups is not None else np.zeros(len(last.x), np.int64)
        together = {
            "train": groups[found.train],
            "validation": groups[found.validation],
            "test": tested[found.test],
        }
    return _data_set(name, source, samples, parts, together)


def _data_set(
    name: str,
    source: DataSource,
    samples: Samples,
    parts: list[Part],
    groups: dict[str, NDArray[np.int64]] | None,
) -> DataSet:
    train, validation, test = (x for x, _ in parts)
    scaling = adjust((train, validation, test), source)
    changed = scaling is not None or source.binarise is not None
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
    for term in ("label", "image", "sound", "stream"):
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
