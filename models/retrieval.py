"""What lies nearest in the space of the codes.

d(q, a) = 1 − ⟨q, a⟩ / (‖q‖ ‖a‖)

(The cosine of codes, as in Hinton & Salakhutdinov 2006, Science 313:504, figure 4, and in
Salakhutdinov & Hinton 2009, International Journal of Approximate Reasoning 50:969, Semantic
hashing.) A code of zeros has no direction and lies at 1 from everything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError

# Distances held at once, which bounds memory at 64 MiB in double precision.
_MOST_AT_ONCE = 2**23


class Nearest(NamedTuple):
    """The nearest of each query, the nearest first; both (Q, k)."""

    places: NDArray[np.int64]
    """Rows among what was searched."""
    distances: NDArray[np.float64]
    """1 − cosine, from 0 to 2."""


def nearest(queries: ArrayLike, among: ArrayLike, k: int = 10) -> Nearest:
    """The k codes among (N, H) that are nearest to each query (Q, H).

    Of two at the same distance the earlier one comes first.

    Raises:
        InputError: codes that differ in width, or more neighbours than there are codes.
    """
    query_QH, among_NH = _directions(queries), _directions(among)
    if query_QH.shape[1] != among_NH.shape[1]:
        rule = f"needs queries as wide as what is searched, {among_NH.shape[1]}"
        raise InputError("retrieve", rule, query_QH.shape[1])
    if not 1 <= k <= len(among_NH):
        raise InputError("retrieve", f"needs k from 1 to {len(among_NH)}", k)
    places = np.empty((len(query_QH), k), dtype=np.int64)
    distances = np.empty((len(query_QH), k))
    rows = max(1, _MOST_AT_ONCE // len(among_NH))
    for first in range(0, len(query_QH), rows):
        part = slice(first, first + rows)
        apart = 1 - np.clip(query_QH[part] @ among_NH.T, -1, 1)
        places[part] = np.argsort(apart, axis=1, kind="stable")[:, :k]
        distances[part] = np.take_along_axis(apart, places[part], axis=1)
    return Nearest(places, distances)


def _directions(codes: ArrayLike) -> NDArray[np.float64]:
    code_NH = np.asarray(codes, dtype=float)
    if code_NH.ndim != 2 or not len(code_NH):
        raise InputError("retrieve", "needs a matrix of codes (N, H)", code_NH.shape)
    length_N1 = np.linalg.norm(code_NH, axis=1, keepdims=True)
    return np.asarray(code_NH / np.where(length_N1 > 0, length_N1, 1.0))
