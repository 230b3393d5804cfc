"""What a study says about its data, and what reading it gives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class DataSource(Protocol):
    """The part of a study's ``data`` that loading needs.

    name: of a known data set, or a table's title. path: of a person's own table, or None.
    validation, test: shares of the samples, each between 0 and 1. split_seed: 0 or more.
    """

    @property
    def name(self) -> str | None:
        """A known data set, or a title for the table at ``path``."""
        ...

    @property
    def path(self) -> str | os.PathLike[str] | None:
        """A table of the person's own; it wins over ``name``."""
        ...

    @property
    def validation(self) -> float:
        """Share of the samples kept for choosing between trials."""
        ...

    @property
    def test(self) -> float:
        """Share of the samples kept for the final word."""
        ...

    @property
    def split_seed(self) -> int:
        """Which split; the same seed gives the same one for ever."""
        ...

    @property
    def binarise(self) -> str | None:
        """How grey values become 0 or 1; None leaves them."""
        ...


@dataclass(frozen=True, eq=False)
class Samples:
    """A data set as its file has it, before the split.

    x: (n, visible) numbers of any kind. labels: (n,) or None. scale: what x is divided by, after
    which it is in the data's units. image_shape: (height, width) of a row, or None.
    """

    x: NDArray[Any]
    labels: NDArray[Any] | None = None
    scale: float = 1.0
    image_shape: tuple[int, int] | None = None

    def __getitem__(
        self, rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[Any] | None]:
        """Those rows as float32 in the data's units, C-contiguous, and their labels."""
        with np.errstate(over="ignore"):  # infinity is refused with the place it stands at
            x = self.x[rows].astype(np.float32, order="C")
        if self.scale != 1.0:
            x /= np.float32(self.scale)
        return x, None if self.labels is None else self.labels[rows]
