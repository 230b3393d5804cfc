"""Tables that are read a piece at a time: into files that are mapped, or straight into memory.

Either way a row goes from its block to its place in its split, and the splits are bit for bit those
that reading the table whole gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cache import VARIABLE
from ..errors import DataError
from . import free_memory, mapped, parts, placing, prepared
from .adjusted import adjust
from .allotment import Allotment, allotted
from .dataset import SPLITS, DataSet
from .label_column import labels_of
from .parts import PartedTable
from .pieces import Blocks, ReadPieces
from .scale import Scaling
from .source import DataSource

Split = NDArray[np.float32]
Splits = dict[str, Split]

KINDS = f"{' or '.join(parts.SUFFIXES)}, or a folder of such parts"


def concerned(path: Path, source: DataSource) -> PartedTable | None:
    """The table at ``path`` where it is read a piece at a time: in parts, or to be streamed.

    Raises DataError where a study asks for it and it cannot be, and for a table that is none.
    """
    if not parts.is_parted(path):
        if source.stream and path.exists():
            remedy = "Save it as .parquet, or leave stream out"
            got = "a folder of something else" if path.is_dir() else path.suffix or "no suffix"
            raise DataError("data.stream", f"needs a table that is {KINDS}", got, remedy)
        return None
    for term in ("image", "sound"):
        if getattr(source, term) is not None:
            rule, remedy = f"is a term of folders of {term}s", "Leave it out"
            raise DataError(f"data.{term}", rule, f"{path}, a table", remedy)
    if path.is_file() and source.stream is False:
        return None
    table = parts.table(path, source.label)
    return table if path.is_dir() or is_streamed(table, source) else None


def is_streamed(table: PartedTable, source: DataSource) -> bool:
    """Whether a table's splits are mapped: as the study says, else by the memory there is."""
    return free_memory.outgrows(table.size) if source.stream is None else source.stream


def load(table: PartedTable, source: DataSource, read: ReadPieces) -> DataSet:
    """The splits of a table, read by ``read``; mapped where it is to be streamed.

    What was prepared before is opened. Raises DataError as :func:`.catalogue.load` does, and when
    prepared files find no room.
    """
    if not is_streamed(table, source):
        return _in_memory(table, source, read)
    folder = prepared.place(table, source)
    if prepared.found(folder) is None:
        _prepare(folder, table, source, read)
    found = prepared.found(folder)
    if found is None:
        rule = "must stay where it is while it is used"
        raise DataError(str(folder), rule, "nothing whole", f"{VARIABLE} names its folder")
    written = found.manifest["scaling"]
    scaling = None
    if written is not None:
        scaling = Scaling(*(np.array(part, np.float64) for part in written))
    return DataSet(
        table.path.stem,
        *_in_order(found.splits),
        labels=found.labels,
        features=table.features,
        scaling=scaling,
        folder=folder,
    )


def _prepare(folder: Path, table: PartedTable, source: DataSource, read: ReadPieces) -> None:
    where, labels = str(table.path), labels_of(table)
    rows = allotted(where, table.rows, labels, source)
    with prepared.making(folder, table.size) as made, read(table) as blocks:
        splits = {
            split: mapped.create(made, split, (len(own), table.width))
            for split, own in _by_split(rows).items()
        }
        scaling = _filled(splits, rows, table, source, blocks)
        own_labels = _labels(rows)
        mapped.save_labels(made, own_labels or {})
        digest = DataSet(table.path.stem, *_in_order(splits)).digest
        for array in splits.values():
            array.flush()  # type: ignore[attr-defined]  # it is mapped
        manifest = {
            "path": str(table.path),
            "digest": digest,
            "shapes": {split: [*array.shape] for split, array in splits.items()},
            "labelled": own_labels is not None,
            "scaling": None if scaling is None else [part.tolist() for part in scaling],
        }
        mapped.save_manifest(made, manifest)


def _in_memory(table: PartedTable, source: DataSource, read: ReadPieces) -> DataSet:
    rows = allotted(str(table.path), table.rows, labels_of(table), source)
    splits: Splits = {
        split: np.empty((len(own), table.width), np.float32)
        for split, own in _by_split(rows).items()
    }
    with read(table) as blocks:
        scaling = _filled(splits, rows, table, source, blocks)
    return DataSet(
        table.path.stem,
        *_in_order(splits),
        labels=_labels(rows),
        features=table.features,
        scaling=scaling,
    )


def _filled(
    splits: Splits, rows: Allotment, table: PartedTable, source: DataSource, blocks: Blocks
) -> Scaling | None:
    own = _by_split(rows)
    placing.fill(
        str(table.path), _in_order(splits), [own[split] for split in SPLITS], table.rows, blocks
    )
    table.require_unchanged()
    return adjust(_in_order(splits), source)


def _in_order(splits: Splits) -> tuple[Split, Split, Split]:
    return splits["train"], splits["validation"], splits["test"]


def _by_split(rows: Allotment) -> dict[str, NDArray[np.intp]]:
    return {"train": rows.train, "validation": rows.validation, "test": rows.test}


def _labels(rows: Allotment) -> dict[str, NDArray[Any]] | None:
    if rows.labels is None:
        return None
    return {split: rows.labels[own] for split, own in _by_split(rows).items()}
