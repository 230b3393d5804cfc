"""Samples as pairs of an image and its tags, in the data's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..data import DataSet
from ..errors import DataError
from .ranks import Array, Wanted


@dataclass(frozen=True)
class Pairs:
    """n samples. image: (n, P). tags: (n, K), 1 for each tag that a sample has, else 0."""

    image: Array
    tags: Array

    @classmethod
    def of(cls, rows: NDArray[np.float32], data: DataSet) -> Self:
        """Those of rows (n, V) of the data, whatever scale a study has brought them to."""
        own = rows.astype(np.float64)
        if data.scaling is not None:
            # A constant has the factor 0 and is its offset.
            spread = data.scaling.factor
            back = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
            own = data.scaling.offset + own * back
        width = data.modalities[0].width
        return cls(own[:, :width], own[:, width:])

    @property
    def has(self) -> Wanted:
        """(n, K) whether a sample has a tag."""
        return np.asarray(self.tags > 0.5)


@dataclass(frozen=True)
class Samples:
    """n samples of a split. rows: (n, V) as networks read them. pairs: what they stand for."""

    rows: NDArray[np.float32]
    pairs: Pairs


@dataclass(frozen=True)
class Given:
    """The data as images with their tags; of validation and test those samples that have one."""

    data: DataSet
    train: Samples
    validation: Samples
    test: Samples

    @classmethod
    def of(cls, data: DataSet) -> Self:
        """The data, for which :func:`require_pairs` holds."""

        def tagged(rows: NDArray[np.float32]) -> Samples:
            pairs = Pairs.of(rows, data)
            some = pairs.has.any(1)
            return Samples(rows[some], Pairs(pairs.image[some], pairs.tags[some]))

        train = Samples(data.train, Pairs.of(data.train, data))
        return cls(data, train, tagged(data.validation), tagged(data.test))


def words(data: DataSet) -> tuple[str, ...]:
    """A word for each tag; its number where the data have no words."""
    width = data.modalities[0].width
    named = data.features[width:]
    return named or tuple(f"tag {number}" for number in range(1, data.visible - width + 1))


def require_pairs(where: str, data: DataSet) -> None:
    """Whether these data are images with tags.

    Raises:
        DataError: they have no two modalities, the first is no image, the second has other numbers
            than 0 and 1, or a split has no tag.
    """
    remedy = "Take `data: {name: emoji}`, or a folder of images with tags.csv"
    if len(data.modalities) != 2:
        rule = "needs data of two modalities, an image and its tags"
        named = ", ".join(one.name for one in data.modalities)
        raise DataError(where, rule, f"{data.name} has {named or 'one kind of input'}", remedy)
    image, second = data.modalities
    shape = data.image_shape
    if shape is None or data.channels * shape[0] * shape[1] != image.width:
        rule = f"needs images as the first modality, {image.name}"
        raise DataError(where, rule, f"{image.width} inputs that are none", remedy)
    for split in ("train", "validation", "test"):
        tags = Pairs.of(getattr(data, split), data).tags
        off = np.minimum(np.abs(tags), np.abs(tags - 1))
        # Rows are in single precision, and scaled ones come back with its rounding.
        if off.max(initial=0.0) > 1e-3:
            rule = f"needs tags, 0 or 1, as the second modality, {second.name}"
            raise DataError(where, rule, f"{tags.flat[off.argmax()]:g} in {split}", remedy)
        if not (tags > 0.5).any():
            raise DataError(where, "needs samples with a tag in every split", f"none in {split}")
