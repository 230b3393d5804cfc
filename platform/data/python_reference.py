"""Word counts of passages of Python's own language reference, as ``help()`` shows it.

The text is the standard library's, so it is on every machine, offline; it differs between versions
of Python, and so does the number of passages. Each passage is of one topic, its label.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
from pathlib import Path

import numpy as np

from ..errors import DataError
from .source import Samples
from .word_counts import counts, vocabulary, words

NAME = "python_reference"
SHAPE = "counts of about 1000 words; it depends on the version of Python"
SAMPLES = 569  # of Python 3.11; it depends on the version
LICENCE = "PSF License Version 2"
SOURCE = "Python Software Foundation: The Python Language Reference, pydoc_data.topics"
REMEDY = "Install Python with its standard library's pydoc_data"

OTHER = "other"
"""The label of topics that have too few passages."""

_PASSAGE = 90  # words, as near as a topic's text can be cut into equal parts
_SHORTEST = 45  # a text of fewer words says nothing that could be counted
_LEAST_OF_TOPIC = 10  # passages of a topic that is a label
_LEAST_PASSAGES = 3  # that a word must be in
_MOST_WORDS = 1000


def where() -> Path | None:
    """Where the file lies: in the standard library. None in a Python that was built without it."""
    # Some systems pack pydoc's texts apart from Python.
    package = importlib.util.find_spec("pydoc_data")
    folders = package.submodule_search_locations if package else None
    return Path(folders[0], "topics.py") if folders else None


def read() -> Samples:
    """All passages, topic by topic in the alphabet's order, each topic in the order of its text.

    x: (n, words) uint16 counts; features: the words; labels: (n,) the topic, ``OTHER`` where it has
    fewer than ten passages. Raises DataError when this Python has no ``pydoc_data``.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        rule = "needs pydoc_data of Python's standard library"
        raise DataError(NAME, rule, str(error), REMEDY) from error
    passages = {topic: _passages(text) for topic, text in sorted(_once(topics).items())}
    texts = [passage for own in passages.values() for passage in own]
    labels = [
        topic if len(own) >= _LEAST_OF_TOPIC else OTHER
        for topic, own in passages.items()
        for _ in own
    ]
    known = vocabulary(texts, _LEAST_PASSAGES, _MOST_WORDS)
    return Samples(counts(texts, known), np.array(labels), features=known)


def _once(topics: dict[str, str]) -> dict[str, str]:
    """The same texts, every paragraph in one of them only.

    Whole sections are printed again in longer ones; a passage must not be in training and test. A
    paragraph stays in the shortest text that has it, which is about nothing else.
    """
    seen: set[str] = set()
    found = {}
    for topic in sorted(topics, key=lambda topic: (len(topics[topic]), topic)):
        kept = []
        for paragraph in re.split(r"\n\s*\n", topics[topic]):
            plain = " ".join(paragraph.split())
            if plain not in seen:
                seen.add(plain)
                kept.append(plain)
        found[topic] = "\n".join(kept)
    return found


def _passages(text: str) -> list[list[str]]:
    """Parts of a text as their words, all of nearly the same length."""
    own = words(text)
    if len(own) < _SHORTEST:
        return []
    ends = np.linspace(0, len(own), max(1, round(len(own) / _PASSAGE)) + 1).round().astype(int)
    return [own[first:last] for first, last in itertools.pairwise(ends)]
