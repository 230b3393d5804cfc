"""What a network that completes modalities has to beat, on the same test samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import canonical, completions
from .filled import Filled, alike, measured
from .pairs import Given, Pairs
from .ranks import Array, average_precision, rank_of_wanted

_LEARNERS = (
    ("nearest", "nearest neighbours", completions.neighbours),
    ("ridge", "ridge regression", completions.ridge),
    ("kernel_ridge", "kernel ridge regression", completions.kernel_ridge),
)


class Without(NamedTuple):
    """A control. name: as claims call it. chosen: in words, the numbers that validation chose."""

    name: str
    label: str
    chosen: str
    filled: Filled


def without_network(given: Given) -> Iterator[Without]:
    """Every control; what they choose, validation samples choose."""
    train, held, test = given.train.pairs, given.validation.pairs, given.test.pairs
    merits = tags_merit(held), image_merit(held)
    tags = completions.means(train.tags)(test.image)
    image = completions.means(train.image)(test.tags)
    yield Without("frequency", "training frequencies", "", Filled(tags, image))
    for name, label, learn in _LEARNERS:
        forth = learn(train.image, train.tags, held.image, merits[0])
        back = learn(train.tags, train.image, held.tags, merits[1])
        filled = Filled(forth.complete(test.image), back.complete(test.tags))
        yield Without(name, label, f"{forth.words}; for images {back.words}", filled)
    yield _canonical(given)


def _canonical(given: Given) -> Without:
    train, held, test = given.train.pairs, given.validation.pairs, given.test.pairs
    for_tags, for_image = tags_merit(held), image_merit(held)

    def merits(one: canonical.Canonical) -> tuple[float, float, float]:
        codes = one.code(0, held.image), one.code(1, held.tags)
        found = measured(Filled(codes=codes), held, 1)
        return (
            for_tags(one.complete(0, held.image)),
            for_image(one.complete(1, held.tags)),
            found["tags_by_code"] + found["image_by_code"],
        )

    tried = [(one, merits(one)) for one in canonical.fitted(train.image, train.tags)]
    forth, back, code = (max(tried, key=lambda one: one[1][at])[0] for at in range(3))
    filled = Filled(
        forth.complete(0, test.image),
        back.complete(1, test.tags),
        (code.code(0, test.image), code.code(1, test.tags)),
    )
    words = f"{forth.words}; for images {back.words}; for codes {code.words}"
    return Without("cca", "canonical correlations", words, filled)


def tags_merit(truth: Pairs) -> completions.Merit:
    """Mean average precision of tags (n, K) for these samples."""
    return lambda tags: float(average_precision(tags, truth.has).mean())


def image_merit(truth: Pairs) -> completions.Merit:
    """Mean reciprocal rank of the right image by its distance from images (n, P)."""
    same = alike(truth)

    def merit(image: Array) -> float:
        apart = completions.squared_distances(image, truth.image)
        return float(np.mean(1 / rank_of_wanted(-apart, same)))

    return merit
