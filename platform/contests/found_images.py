"""Pictures of what was found: images for a word, and images that lie near to one in the code.

An entry of ``inside`` under "retrieval" for each network and for the nearest neighbours: the first
rows are words alone, with the test images for which the word is likeliest, the others images, with
the test images whose codes are nearest to theirs and, as their text, the words filled in. Found is
right what has the word, or shares one with the image.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..answer.as_images import as_images
from ..answer.evenly import evenly
from ..answer.inside_entries import Inside
from .pairs import Given, words
from .ranks import Array

QUERIES = 3
"""Words, and as many images."""
FOUND = 8
FILLED_IN = 3
"""Words beside an image."""
LEAST = 3
"""Test images that a word is on, to be looked for."""


class Seen(NamedTuple):
    """What there is to show of a contestant, of the n test samples.

    key: of its trial, empty for a control. tags: (n, K) of the image alone. near: (n, n), more for
    images that lie nearer to each other.
    """

    name: str
    key: str
    tags: Array
    near: Array


def add_found(inside: Inside, seen: Seen, given: Given) -> None:
    """One more entry, on the same queries for everybody."""
    test = given.test
    # Figures take 0 as paper and more as ink; drawings are most often on white.
    shown = 255 * (1 - _unit(as_images(test.pairs.image, given.data)))
    asked, rows = _asked(given), evenly(len(test.rows), QUERIES)
    has, named = test.pairs.has, words(given.data)
    k = min(FOUND, len(test.rows) - 1)
    by_word = np.argsort(-seen.tags.T[asked], axis=1, kind="stable")[:, :k]
    near = seen.near[rows].copy()
    near[np.arange(len(rows)), rows] = -np.inf
    by_image = np.argsort(-near, axis=1, kind="stable")[:, :k]
    likeliest = np.argsort(-seen.tags[rows], axis=1, kind="stable")[:, :FILLED_IN]
    relevant = np.concatenate([
        [has[found, word] for found, word in zip(by_word, asked, strict=True)],
        [(has[found] & has[row]).any(1) for found, row in zip(by_image, rows, strict=True)],
    ])  # fmt: skip
    blank = np.zeros((len(asked), *shown.shape[1:]))
    texts = [named[word] for word in asked]
    texts += [f"filled in: {', '.join(named[tag] for tag in tags)}" for tags in likeliest]
    entry: dict[str, object] = {
        "name": seen.name,
        "control": not seen.key,
        "texts": texts,
        "split": "test",
        "samples": len(test.rows),
        "of": len(given.data.test),
    }
    if seen.key:
        entry["key"] = seen.key
    arrays = {
        "queries": np.concatenate([blank, shown[rows]]),
        "found": shown[np.concatenate([by_word, by_image])],
        "relevant": relevant,
    }
    inside.add(
        "retrieval", entry, {part: np.round(own).astype(np.uint8) for part, own in arrays.items()}
    )


def _asked(given: Given) -> np.ndarray:
    """The most frequent words of training that are on some test images, by number."""
    often = given.test.pairs.has.sum(0) >= min(LEAST, given.test.pairs.has.sum(0).max())
    count = np.where(often, given.train.pairs.has.sum(0), -1)
    order = np.argsort(-count, kind="stable")
    return np.asarray([tag for tag in order[:QUERIES] if often[tag]])


def _unit(images: Array) -> Array:
    low, high = images.min(), images.max()
    return np.asarray((images - low) / ((high - low) or 1.0))
