"""A data set, split and ready to train on."""

from __future__ import annotations

import functools
import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cache import VARIABLE
from ..errors import DataError
from . import labels as classification
from . import mapped
from .archive import UNREADABLE
from .density import Mixture
from .modality import Modality
from .scale import Scaling
from .sound import Sound

SPLITS = mapped.SPLITS


@dataclass(frozen=True, eq=False)
class DataSet:
    """Three splits of one table.

    train, validation, test: (n, visible) float32, C-contiguous, finite, in the data's units.
    labels: split → (n,) labels, or None; nothing that learns without them ever sees them.
    image_shape: (height, width) of a row, or None. channels: colour planes of that image; a row is
    plane after plane, each row by row. features: a name for each input, where they have names.
    modalities: the kinds of input that stand side by side in a row, of which the image is the
    first. groups: split → (n,) the photograph, clip or person that a sample is from; none is in two
    splits. sound: how rows become sound again. scaling: how rows were made of the data's own
    numbers, where a study asked for that. density: what the samples were drawn from, where that is
    known exactly. folder: whose files splits and labels are mapped from, where the table is
    streamed; pickled, such a data set is the name of that folder, which every machine has to share
    that reads it.
    """

    name: str
    train: NDArray[np.float32]
    validation: NDArray[np.float32]
    test: NDArray[np.float32]
    labels: dict[str, NDArray[Any]] | None = None
    image_shape: tuple[int, int] | None = None
    channels: int = 1
    features: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ()
    groups: dict[str, NDArray[np.int64]] | None = None
    sound: Sound | None = None
    scaling: Scaling | None = None
    density: Mixture | None = None
    folder: Path | None = None

    @property
    def visible(self) -> int:
        """Inputs of a sample."""
        return int(self.train.shape[1])

    @functools.cached_property
    def digest(self) -> str:
        """sha256 (64 hexadecimal digits) of type, shape and bytes of the splits; no labels.

        Of mapped splits it was found when they were written.
        """
        if self.folder is not None:
            return str(mapped.opened(self.folder).manifest["digest"])
        sha256 = hashlib.sha256()
        for split in SPLITS:
            array: NDArray[np.float32] = getattr(self, split)
            # Little-endian bytes, so that every machine finds the same key.
            array = np.ascontiguousarray(array, dtype="<f4")
            sha256.update(f"{split} {array.dtype.str} {array.shape}\n".encode())
            sha256.update(array.data)
        return sha256.hexdigest()

    @functools.cached_property
    def classes(self) -> tuple[Any, ...]:
        """The labels that there are, in order; none without labels that are classes."""
        return classification.classes(self.labels) if self.labels else ()

    @functools.cached_property
    def class_numbers(self) -> dict[str, NDArray[np.int64]] | None:
        """Split → (n,) the place of each sample's label in ``classes``; None without any."""
        if not self.labels or not self.classes:
            return None
        return {
            split: classification.class_numbers(array, self.classes)
            for split, array in self.labels.items()
        }

    @functools.cached_property
    def label_digest(self) -> str | None:
        """sha256 of the class numbers of the splits; None without any."""
        if self.class_numbers is None:
            return None
        sha256 = hashlib.sha256()
        for split in SPLITS:
            numbers = np.ascontiguousarray(self.class_numbers[split], dtype="<i8")
            sha256.update(f"{split} {numbers.shape}\n".encode())
            sha256.update(numbers.data)
        return sha256.hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """All of it; of mapped arrays nothing, but what is to be found in their folder."""
        if self.folder is None:
            return self.__dict__
        left = dict.fromkeys((*SPLITS, "labels"))
        state = {**self.__dict__, "digest": self.digest, **left}
        state.pop("class_numbers", None)  # as many as labels
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Map the files again. Raises DataError where they are not, or are of other data."""
        self.__dict__.update(state)
        if self.folder is None:
            return
        try:
            found = mapped.opened(self.folder)
        except (*UNREADABLE, KeyError, TypeError) as error:
            raise self._not_shared(str(error)) from error
        if found.manifest["digest"] != state["digest"]:
            raise self._not_shared("other data")
        self.__dict__.update(found.splits, labels=found.labels)

    def _not_shared(self, got: str) -> DataError:
        where = f"{self.folder} on {socket.gethostname()}"
        rule = "must be a folder that all nodes share, since the data are streamed from it"
        return DataError(where, rule, got, f"{VARIABLE} names the folder that it lies in")

    def describe(self) -> dict[str, Any]:
        """What a report says of it, as JSON values: name, digest, samples of each split, ….

        channels and modalities are there where a row is more than one plane or one kind of input.
        """
        shape = None if self.image_shape is None else list(self.image_shape)
        modalities = [{"name": kind.name, "width": kind.width} for kind in self.modalities]
        counts = {split: len(getattr(self, split)) for split in SPLITS}
        return {
            "name": self.name,
            "digest": self.digest,
            **counts,
            "visible": self.visible,
            "image_shape": shape,
            **({"channels": self.channels} if self.channels > 1 else {}),
            **({"modalities": modalities} if modalities else {}),
        }
