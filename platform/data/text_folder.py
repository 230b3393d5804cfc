"""A folder of text files, a sample each, as counts of their words; sub-folders are labels."""

from __future__ import annotations

from pathlib import Path

from ..errors import DataError
from . import files
from .source import Samples
from .word_counts import counts, vocabulary, words

SUFFIXES = (".txt",)
LEAST_TEXTS = 2
"""Texts that a word must be in."""
MOST_WORDS = 2000


def read(folder: Path) -> Samples:
    """All texts of a folder in the order of their names.

    x: (n, words) uint16 counts of the ``MOST_WORDS`` words that are in most texts; features: the
    words. Raises DataError for a file that is no text in UTF-8, for a folder without any, or when
    no word is in two texts.
    """
    found = files.of_kind(folder, SUFFIXES, "texts")
    labels = files.labels(folder, found)
    texts = [words(_text(path)) for path in found]
    known = vocabulary(texts, LEAST_TEXTS, MOST_WORDS)
    if not known:
        rule = f"must have words that are in {LEAST_TEXTS} texts or more"
        raise DataError(str(folder), rule, "none", f"Bring more than {len(texts)} texts")
    return Samples(counts(texts, known), labels, features=known)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(path), "must be text in UTF-8", str(error)) from error
