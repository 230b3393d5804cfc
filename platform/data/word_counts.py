"""Texts as counts of their words: how often each word of a vocabulary is in each text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SHORTEST = 3
"""Letters of a word, at least."""

COMMON = frozenset(
    """
    about after all also and any are because been before being between both but can could did does
    each either else few for from had has have her here him his how into its itself just may might
    more most much must neither nor not now off one only onto other our out over own same shall she
    should since some such than that the their them then there these they this those through thus
    too two under until upon very was were what when where whether which while who whom whose why
    will with within without would you your
    """.split()  # noqa: SIM905  # as prose it can be read and kept in order
)
"""Words of English that are in any text, whatever it is about."""

# Letters of every script, without digits and the underscore.
_WORD = re.compile(r"[^\W\d_]+")


def words(text: str) -> list[str]:
    """The words of a text in its order, lower case: letters without a break, of any length."""
    return _WORD.findall(text.lower())


def vocabulary(texts: Iterable[Sequence[str]], least: int, most: int) -> tuple[str, ...]:
    """The words that are in ``least`` texts or more, in the alphabet's order, at most ``most``.

    texts: each as its words. ``COMMON`` words and those of fewer than ``SHORTEST`` letters are left
    out. Where there are more than ``most``, those that are in most texts stay, the earlier one in
    the alphabet of two that are in as many.
    """
    found = Counter(word for text in texts for word in set(text))
    kept = [
        word
        for word, count in found.items()
        if count >= least and len(word) >= SHORTEST and word not in COMMON
    ]
    return tuple(sorted(sorted(kept, key=lambda word: (-found[word], word))[:most]))


def counts(texts: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> NDArray[np.uint16]:
    """(texts, words) how often each word of the vocabulary is in each text; 65 535 at most."""
    column = {word: place for place, word in enumerate(vocabulary)}
    found = np.zeros((len(texts), len(vocabulary)), np.uint16)
    for row, text in enumerate(texts):
        for word, count in Counter(text).items():
            if word in column:
                found[row, column[word]] = min(count, 65_535)
    return found
