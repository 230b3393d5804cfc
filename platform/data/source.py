"""What a study says about its data, and what reading it gives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .density import Mixture
from .modality import Modality
from .sound import Sound

Part = tuple[NDArray[np.float32], NDArray[Any] | None]

# Cast so many bytes at a time, so that no split is there twice.
_BLOCK_BYTES = 1 << 24


class ImageTerms(Protocol):
    """How the files of a folder of images become rows.

    size: side of the square in pixels. colour: ``grey`` or ``rgb``.
    """

    @property
    def size(self) -> int:
        """Side of the square that every image becomes, in pixels."""
        ...

    @property
    def colour(self) -> str:
        """``grey`` for one plane, ``rgb`` for three."""
        ...


class SoundTerms(Protocol):
    """How the files of a folder of sounds become rows.

    rate: samples a second. window, hop: of the transform, in samples. frames: windows in a row.
    """

    @property
    def rate(self) -> int:
        """Samples a second that every clip is brought to."""
        ...

    @property
    def window(self) -> int:
        """Samples of a window."""
        ...

    @property
    def hop(self) -> int:
        """Samples from one window to the next."""
        ...

    @property
    def frames(self) -> int:
        """Successive windows in a row."""
        ...


class DataSource(Protocol):
    """The part of a study's ``data`` that loading needs; its terms are those of ``Data``.

    name: of a known data set, or a table's title. path: of a person's own table or folder, or None.
    validation, test: shares of the samples, each between 0 and 1. split_seed: 0 or more.
    """

    @property
    def name(self) -> str | None:
        """A known data set, or a title for the table at ``path``."""
        ...

    @property
    def path(self) -> str | os.PathLike[str] | None:
        """A table or folder of the person's own; it wins over ``name``."""
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

    @property
    def scale(self) -> str | None:
        """How inputs are scaled by the training samples; None leaves them."""
        ...

    @property
    def label(self) -> str | None:
        """The column of a table that holds its labels."""
        ...

    @property
    def anomalous(self) -> Sequence[str | int | float] | None:
        """The labels that are anomalies."""
        ...

    @property
    def contamination(self) -> float:
        """Share of the training samples that are anomalies, from 0 to below 1."""
        ...

    @property
    def samples(self) -> int | None:
        """At most so many samples."""
        ...

    @property
    def stream(self) -> bool | None:
        """Whether a table's splits are mapped from files; None leaves it to the memory there is."""
        ...

    @property
    def image(self) -> ImageTerms | None:
        """How a folder of images becomes rows."""
        ...

    @property
    def sound(self) -> SoundTerms | None:
        """How a folder of sounds becomes rows."""
        ...


@dataclass(frozen=True, eq=False)
class Samples:
    """A data set as its file has it, before the split.

    x: (n, visible) numbers of any kind. labels: (n,) or None. scale: what x is divided by, after
    which it is in the data's units. The rest is as in :class:`.dataset.DataSet`, with groups (n,).
    """

    x: NDArray[Any]
    labels: NDArray[Any] | None = None
    scale: float = 1.0
    image_shape: tuple[int, int] | None = None
    channels: int = 1
    features: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ()
    groups: NDArray[np.int64] | None = None
    sound: Sound | None = None
    density: Mixture | None = None

    def __getitem__(self, rows: NDArray[np.intp]) -> Part:
        """Those rows as float32 in the data's units, C-contiguous, and their labels."""
        width = self.x.shape[1]
        x = np.empty((len(rows), width), np.float32)
        block = max(1, _BLOCK_BYTES // max(1, width * self.x.itemsize))
        with np.errstate(over="ignore"):  # infinity is refused with the place it stands at
            for start in range(0, len(rows), block):
                x[start : start + block] = self.x[rows[start : start + block]]
        if self.scale != 1.0:
            x /= np.float32(self.scale)
        return x, None if self.labels is None else self.labels[rows]
