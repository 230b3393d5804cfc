"""Documents as counts of words: cut into halves, and how surprising their words are.

perplexity    exp(−1/N Σ_n log p(v_n)/D_n) over N documents of D_n words (Salakhutdinov & Hinton
              2009, NIPS 22, section 4.2): as many equally likely words would surprise as much
completion    the same over the words of each document's second half, by their probabilities given
              its first half (Wallach, Murray, Salakhutdinov & Mimno 2009, ICML, section 5.1)

p is always that of the words in some order. The probability of the counts has the multinomial
coefficient D!/Π_k v_k! beside it, the same for every model; it is left out everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.split import permutation

Array = NDArray[np.float64]


def halves(counts: NDArray[np.floating]) -> tuple[Array, Array]:
    """Each document's words in two halves, both (N, V) counts; the first has the odd word.

    Which word goes where depends on the document's place and length alone.
    """
    first = np.zeros(counts.shape)
    for place, document in enumerate(counts):
        words = as_words(document)
        own = words[permutation(len(words), seed=place)[: (len(words) + 1) // 2]]
        first[place] = np.bincount(own, minlength=counts.shape[1])
    return first, counts - first


def as_words(document: NDArray[np.floating]) -> NDArray[np.intp]:
    """Counts (V,) as the numbers of the words, (D,), each as often as it is counted."""
    return np.repeat(np.arange(len(document)), document.astype(int))


def perplexity(log_p: NDArray[np.floating], counts: NDArray[np.floating]) -> float:
    """Per word, of documents (N, V) with log-probabilities (N,) in nats; from 1."""
    return float(np.exp(-np.mean(np.asarray(log_p, dtype=float) / counts.sum(1))))


def completion(log_next: NDArray[np.floating], rest: NDArray[np.floating]) -> float:
    """Perplexity per word of second halves.

    log_next: (N, V) the log-probability of each word, given the first half. rest: (N, V) counts of
    the second half; documents where it is empty do not count.
    """
    some = rest.sum(1) > 0
    return perplexity((rest * log_next).sum(1)[some], rest[some])
