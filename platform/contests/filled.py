"""What was made of samples that lacked their tags, or their image, and how good that is.

Samples with the very same tags cannot be told apart by them: each of them is a right answer to
those tags (:func:`alike`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...models.retrieval import nearest
from .completions import squared_distances
from .pairs import Pairs
from .ranks import Array, Wanted, average_precision, precision_at, rank_of_wanted


@dataclass(frozen=True)
class Filled:
    """What a contestant made of n samples; None for what it does not make.

    tags: (n, K) how likely each tag is, of the image alone. image: (n, P) of the tags alone.
    codes: (n, H) each, of the images alone and of the tags alone.
    """

    tags: Array | None = None
    image: Array | None = None
    codes: tuple[Array, Array] | None = None


def measured(filled: Filled, truth: Pairs, k: int) -> dict[str, float]:
    """The measures of what was made, by name; those of what was not made are left out.

    truth: the samples, each with a tag. k: how many of a ranking count, at most all.

    tag_map         mean average precision of a sample's tags
    tag_precision   share of the k likeliest tags that a sample has
    word_map        mean average precision of the images of a word, over words that some image has
    image_rank      mean reciprocal rank of the right image, by its distance from the one made
    image_recall    share of samples whose right image is among the k nearest
    image_error     squared error of the image, summed
    tags_by_code    mean reciprocal rank of the right tags, by their code's cosine with the image's
    image_by_code   that of the right image, by its code's cosine with the tags'
    """
    found: dict[str, float] = {}
    same = alike(truth)
    if filled.tags is not None:
        found["tag_map"] = _mean(average_precision(filled.tags, truth.has))
        first = min(k, truth.tags.shape[1])
        found["tag_precision"] = _mean(precision_at(filled.tags, truth.has, first))
        seen = truth.has.any(0)
        found["word_map"] = _mean(average_precision(filled.tags.T[seen], truth.has.T[seen]))
    if filled.image is not None:
        rank = rank_of_wanted(-squared_distances(filled.image, truth.image), same)
        found["image_rank"] = _mean(1 / rank)
        found["image_recall"] = _mean(rank <= k)
        found["image_error"] = _mean(np.square(filled.image - truth.image).sum(1))
    if filled.codes is not None:
        of_images, of_tags = filled.codes
        cosine = cosines(of_images, of_tags)
        found["tags_by_code"] = _mean(1 / rank_of_wanted(cosine, same))
        found["image_by_code"] = _mean(1 / rank_of_wanted(cosine.T, same))
    return found


def alike(truth: Pairs) -> Wanted:
    """(n, n) whether two samples have the same tags."""
    has = truth.has.astype(np.float64)
    common, count = has @ has.T, has.sum(1)
    return np.asarray((common == count) & (common == count[:, None]))


def cosines(queries: Array, among: Array) -> Array:
    """(q, n) cosines of codes (q, H) and (n, H); 0 with a code of zeros."""
    found = nearest(queries, among, len(among))
    cosine = np.empty_like(found.distances)
    np.put_along_axis(cosine, found.places, 1 - found.distances, axis=1)
    return cosine


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values))
