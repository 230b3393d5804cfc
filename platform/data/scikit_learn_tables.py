"""Two tables of measurements with the classes they are from, out of scikit-learn's own folder."""

from __future__ import annotations

import csv
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError
from .known import Known
from .source import Samples

REMEDY = "Install it anew: pip install --force-reinstall scikit-learn"

_CELL_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


@dataclass(frozen=True)
class _Table:
    """A file in scikit-learn's folder: a line of counts and classes, then measures and a class."""

    name: str
    file: str
    samples: int
    features: tuple[str, ...]

    def where(self) -> Path | None:
        """Where the file lies. None without scikit-learn."""
        # Not imported: that takes more than a second, for the sake of one path.
        package = importlib.util.find_spec("sklearn")
        folders = package.submodule_search_locations if package else None
        return Path(folders[0], "datasets", "data", self.file) if folders else None

    def read(self) -> Samples:
        """The table with its classes as words.

        Raises DataError when scikit-learn is not installed or its file is damaged.
        """
        path = self.where()
        try:
            if path is None:
                raise FileNotFoundError("no package sklearn")
            with open(path, encoding="utf-8", newline="") as stream:
                (_, _, *classes), *lines = csv.reader(stream)
            table = np.array(lines, dtype=np.float64)
            if table.shape != (self.samples, len(self.features) + 1):
                raise ValueError(f"shape {table.shape}")
            labels = np.array(classes)[table[:, -1].astype(np.intp)]
        except (OSError, ValueError, IndexError) as error:
            rule = "must be readable from scikit-learn's folder"
            raise DataError(self.name, rule, str(error), REMEDY) from error
        return Samples(table[:, :-1], labels, features=self.features)


def _known(table: _Table, shape: str, source: str) -> Known:
    return Known(
        table.name, shape, table.samples, "CC BY 4.0", source, REMEDY, table.where, table.read
    )


_BREAST_CANCER = _Table(
    "breast_cancer",
    "breast_cancer.csv",
    569,
    tuple(
        word
        for of in ("mean {}", "{} error", "worst {}")
        for word in map(of.format, _CELL_MEASURES)
    ),
)
_WINE = _Table(
    "wine",
    "wine_data.csv",
    178,
    (
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280/od315_of_diluted_wines",
        "proline",
    ),
)

TABLES = {
    "breast_cancer": _known(
        _BREAST_CANCER,
        "30 measures of the nuclei of cells; labels malignant and benign",
        "Wolberg, Mangasarian, Street & Street 1995, UCI ML Repository: Breast Cancer Wisconsin "
        "(Diagnostic)",
    ),
    "wine": _known(
        _WINE,
        "13 chemical measures of wines; labels of three cultivars",
        "Aeberhard & Forina 1991, UCI ML Repository: Wine",
    ),
}
