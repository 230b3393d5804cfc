"""Halves that make up the whole, and perplexities with closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.contests.documents import as_words, completion, halves, perplexity

COUNTS = np.random.default_rng(0).poisson(0.7, (30, 12)).astype(np.float64) + np.eye(12)[0] * 2


def test_halves_are_the_words_of_the_whole() -> None:
    first, rest = halves(COUNTS)
    assert (first + rest == COUNTS).all()
    assert (first >= 0).all()
    assert (rest >= 0).all()
    assert (first.sum(1) - rest.sum(1) == COUNTS.sum(1) % 2).all()
    again, _ = halves(COUNTS.astype(np.float32))
    assert (again == first).all()


def test_every_word_is_as_likely_in_either_half() -> None:
    first, _ = halves(np.ones((2000, 10)))
    # Of ten words five are in the first half: a share of 1/2, its deviation 1/(2 √2000).
    assert np.abs(first.mean(0) - 0.5).max() < 4 * 0.5 / np.sqrt(2000)


def test_words_stand_as_often_as_they_are_counted() -> None:
    assert as_words(np.array([2.0, 0.0, 1.0])).tolist() == [0, 0, 2]


def test_equally_likely_words_surprise_as_much_as_there_are() -> None:
    even = np.full(12, -np.log(12))
    assert perplexity(COUNTS @ even, COUNTS) == pytest.approx(12)
    _, rest = halves(COUNTS)
    assert completion(np.broadcast_to(even, COUNTS.shape), rest) == pytest.approx(12)


def test_documents_count_alike_whatever_their_length() -> None:
    counts = np.array([[1.0, 0.0], [0.0, 9.0]])
    log_p = counts @ np.log([0.25, 0.75])
    assert perplexity(log_p, counts) == pytest.approx((0.25 * 0.75) ** -0.5)


def test_empty_halves_do_not_count() -> None:
    log_next = np.log([[0.5, 0.5], [0.1, 0.9]])
    assert completion(log_next, np.array([[1.0, 0.0], [0.0, 0.0]])) == pytest.approx(2)
