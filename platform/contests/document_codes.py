"""Codes of documents that need no network: words by how telling they are, and their directions.

tf-idf    counts times log((1 + N)/(1 + n_w)) + 1, n_w of the N training documents having the word
          (Manning, Raghavan & Schütze 2008, chapter 6; as scikit-learn smooths it), at length 1
LSA       the leading singular directions of those (Deerwester et al. 1990, JASIS 41:391)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .documents import Array

Encoder = Callable[[Array], Array]
"""Counts (N, V) → codes (N, H)."""


def tf_idf(train: Array) -> Encoder:
    """Weighted words (N, V); the weights are those of the training documents (N, V)."""
    from sklearn.feature_extraction.text import TfidfTransformer

    fitted = TfidfTransformer().fit(train)
    return lambda counts: np.asarray(fitted.transform(counts).toarray())


def singular_directions(train: Array, size: int) -> Encoder:
    """Weighted words along ``size`` directions, (N, size), at most as many as V − 1."""
    from sklearn.decomposition import TruncatedSVD

    weighted = tf_idf(train)
    fitted = TruncatedSVD(min(size, train.shape[1] - 1), random_state=0).fit(weighted(train))
    return lambda counts: np.asarray(fitted.transform(weighted(counts)))
