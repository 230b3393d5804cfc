"""How well what is wanted stands in front: measures of a ranking, with ties as they are.

With scores s and the items that are wanted, for each query a row of both:

average precision   Σ (R_n − R_{n−1}) P_n over the distinct scores, precision and recall of all that
                    scores as much or more; so the order of the tied never counts (Manning, Raghavan
                    & Schütze 2008, section 8.4)
precision at k      the wanted share of the k best; of those tied at the k-th place, their mean
reciprocal rank     1/r, r the place of the best of the wanted, in the middle of the unwanted that
                    it is tied with (Voorhees 1999, TREC-8)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Wanted = NDArray[np.bool_]


def average_precision(scores: Array, wanted: Wanted) -> Array:
    """(q,) from scores and what is wanted (q, n); 0 where nothing is."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(wanted, order, 1)
    # Precision of all that scores as much: that at the last of the tied.
    last = _last_tied(np.take_along_axis(scores, order, 1))
    precision = np.cumsum(ranked, 1) / np.arange(1, ranked.shape[1] + 1)
    hits = np.take_along_axis(precision, last, 1) * ranked
    return np.asarray(hits.sum(1) / np.maximum(ranked.sum(1), 1))


def precision_at(scores: Array, wanted: Wanted, k: int) -> Array:
    """(q,) shares of the k best that are wanted, from (q, n); k at most n."""
    least = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    above, tied = scores > least, scores == least
    room = (k - above.sum(1)) / tied.sum(1)
    return np.asarray(((above & wanted).sum(1) + room * (tied & wanted).sum(1)) / k)


def rank_of_wanted(scores: Array, wanted: Wanted) -> Array:
    """(q,) the place, from 1, of the best of what is wanted, of which there is some in each row."""
    best = np.where(wanted, scores, -np.inf).max(1, keepdims=True)
    better = (scores > best).sum(1)
    tied = ((scores == best) & ~wanted).sum(1)
    return np.asarray(1 + better + tied / 2)


def _last_tied(ranked: Array) -> NDArray[np.int64]:
    """(q, n) the last place with the same score, of scores in descending order."""
    q, n = ranked.shape
    ends = np.ones((q, n), dtype=bool)
    ends[:, :-1] = ranked[:, 1:] != ranked[:, :-1]
    places = np.where(ends, np.arange(n), n)
    return np.asarray(np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1])
