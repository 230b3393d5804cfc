"""Tables that anomaly detectors are compared by; labels are 1 for anomalies, else 0.

All are tables of the UCI repository, in the form of the collections ODDS (Rayana 2016) and ADBench
(Han et al. 2022), of the same sizes and as many anomalies. Which malignant samples of ``wbc`` count
is a draw of its own there and here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import data_folder
from .known import Known
from .source import Samples

FILE = "anomaly_tables.npz"
REMEDY = f"Set {data_folder.VARIABLE} to the folder that holds {FILE}"


@dataclass(frozen=True)
class _Table:
    """The arrays NAME_X (samples, inputs) and NAME_y (samples,) of the file."""

    name: str
    samples: int
    inputs: int
    kind: str = "float32"

    def read(self) -> Samples:
        """The table as measured, not scaled. Raises DataError when it is missing or damaged."""
        x, y = f"{self.name}_X", f"{self.name}_y"
        wanted = {
            x: (self.kind, (self.samples, self.inputs)),
            y: ("uint8", (self.samples,)),
        }
        found = data_folder.arrays(self.name, FILE, wanted)
        return Samples(found[x], found[y].astype(np.int64))


def where() -> Path | None:
    """Where the file is looked for. None when LAYERWISE_DATA is not set."""
    return data_folder.where(FILE)


def _known(table: _Table, said: str, source: str, licence: str = "CC BY 4.0") -> Known:
    shape = f"{table.inputs} measures; {said} are anomalies"
    source = f"UCI ML Repository: {source}"
    return Known(table.name, shape, table.samples, licence, source, REMEDY, where, table.read)


TABLES = {
    "breastw": _known(
        _Table("breastw", 683, 9, "int16"),
        "239 malignant",
        "Wolberg 1990, Breast Cancer Wisconsin (Original)",
    ),
    "pima": _known(
        _Table("pima", 768, 8),
        "268 with diabetes",
        "Smith et al. 1988, Pima Indians Diabetes",
        "not stated; the repository has withdrawn it",
    ),
    "ionosphere": _known(
        _Table("ionosphere", 351, 33),
        "126 bad radar returns",
        "Sigillito et al. 1989, Ionosphere",
    ),
    "glass": _known(
        _Table("glass", 214, 9),
        "9 of tableware",
        "German 1987, Glass Identification",
    ),
    "wbc": _known(
        _Table("wbc", 378, 30),
        "21 malignant",
        "Wolberg et al. 1995, Breast Cancer Wisconsin (Diagnostic)",
    ),
}
