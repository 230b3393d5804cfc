"""What a data set with a name must say of itself: a module of its own, or a line of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .data_folder import VARIABLE
from .source import Samples

Read = Samples | tuple[Samples, Samples]


class Module(Protocol):
    """A file that holds one data set, such as :mod:`.digits`.

    NAME: as a study writes it. SHAPE: of a row, in words. SAMPLES: how many. LICENCE, SOURCE: of
    the data. It may have a REMEDY, what to do where its file is not found; else that is to set the
    folder ``LAYERWISE_DATA``.
    """

    NAME: str
    SHAPE: str
    SAMPLES: int
    LICENCE: str
    SOURCE: str

    def where(self) -> Path | None:
        """Its file or folder, which need not be there; None where it cannot be said."""
        ...

    def read(self) -> Read:
        """All samples, or those for training and the published test set.

        Raises DataError when they are missing or damaged.
        """
        ...


@dataclass(frozen=True)
class Known:
    """A data set with a name. The fields are as in :class:`Module`.

    A file that holds several data sets has a mapping ``TABLES`` of them by name.
    """

    name: str
    shape: str
    samples: int
    licence: str
    source: str
    remedy: str
    where: Callable[[], Path | None]
    read: Callable[[], Read]

    @classmethod
    def of(cls, module: Module) -> Known:
        """The data set of a module."""
        path = module.where()
        remedy = f"Set {VARIABLE} to the folder that holds {path.name if path else 'its file'}"
        return cls(
            module.NAME,
            module.SHAPE,
            module.SAMPLES,
            module.LICENCE,
            module.SOURCE,
            getattr(module, "REMEDY", remedy),
            module.where,
            module.read,
        )

    @property
    def here(self) -> Path | None:
        """Its file or folder where it is there, else None."""
        path = self.where()
        return path if path is not None and path.exists() else None
