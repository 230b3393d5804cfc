"""Words are counted as a reader would."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data.word_counts import COMMON, SHORTEST, counts, vocabulary, words

TEXTS = [
    words("The cat sat. The CAT slept!"),
    words("A dog saw the cat's bowl"),
    words("dog, dog, dog; bowl"),
]


def test_words_are_letters_of_any_script() -> None:
    assert words("Don't read Übermut_2 or 3D; naïve café, мир") == [
        "don", "t", "read", "übermut", "or", "d", "naïve", "café", "мир",
    ]  # fmt: skip


def test_common_short_and_rare_words_are_left_out() -> None:
    assert vocabulary(TEXTS, least=2, most=99) == ("bowl", "cat", "dog")
    assert vocabulary(TEXTS, least=1, most=99) == ("bowl", "cat", "dog", "sat", "saw", "slept")
    assert vocabulary(TEXTS, least=3, most=99) == ()


def test_of_too_many_words_those_in_most_texts_stay() -> None:
    texts = [["zebra", "ant"], ["zebra", "bee"], ["bee", "zebra"], ["ant"]]
    assert vocabulary(texts, least=1, most=2) == ("ant", "zebra")
    assert vocabulary(reversed(texts), least=1, most=1) == ("zebra",)


def test_counts_are_of_each_text() -> None:
    found = counts(TEXTS, ("bowl", "cat", "dog"))
    assert found.tolist() == [[0, 2, 0], [1, 1, 1], [1, 0, 3]]
    assert counts([["a"] * 70_000], ["a"]).max() == np.iinfo(np.uint16).max


def test_common_words_are_such_as_could_be_counted() -> None:
    assert 80 <= len(COMMON) <= 130
    assert all(word == word.lower() and len(word) >= SHORTEST for word in COMMON)
