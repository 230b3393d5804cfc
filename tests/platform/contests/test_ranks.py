"""Measures of rankings, in closed form and against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from layerwise.platform.contests.ranks import average_precision, precision_at, rank_of_wanted


def made(levels: int) -> tuple[np.ndarray, np.ndarray]:
    """40 queries of 12 items; few levels make many ties."""
    rng = np.random.default_rng(levels)
    scores = rng.integers(0, levels, (40, 12)).astype(float)
    wanted = rng.random((40, 12)) < 0.3
    wanted[:, 0] = True
    return scores, wanted


@pytest.mark.parametrize("levels", [1, 3, 1000])
def test_average_precision_is_scikit_learns_with_any_ties(levels: int) -> None:
    scores, wanted = made(levels)
    expected = [average_precision_score(w, s) for s, w in zip(scores, wanted, strict=True)]
    np.testing.assert_allclose(average_precision(scores, wanted), expected)


def test_average_precision_in_closed_form() -> None:
    scores = np.array([[5.0, 4, 3, 2, 1]] * 4)
    wanted = np.array([[1, 0, 1, 0, 0], [0, 0, 0, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]], bool)
    np.testing.assert_allclose(average_precision(scores, wanted), [(1 + 2 / 3) / 2, 1 / 5, 1, 0])
    # All tied: the share of what is wanted, whatever its place.
    np.testing.assert_allclose(
        average_precision(np.zeros((4, 5)), wanted), [2 / 5, 1 / 5, 2 / 5, 0]
    )


@pytest.mark.parametrize("levels", [3, 1000])
def test_only_the_order_counts(levels: int) -> None:
    scores, wanted = made(levels)
    shuffled = np.random.default_rng(0).permutation(scores.shape[1])
    for changed, same in (
        (np.exp(scores / 100) - 7, wanted),
        (scores[:, shuffled], wanted[:, shuffled]),
    ):
        for measure in (
            average_precision,
            rank_of_wanted,
            lambda s, w: precision_at(s, w, 4),
        ):
            np.testing.assert_allclose(measure(changed, same), measure(scores, wanted))


def test_precision_counts_the_tied_by_their_share() -> None:
    scores = np.array([[3.0, 2, 2, 2, 1]])
    wanted = np.array([[True, True, False, False, True]])
    expected = [(1, 1.0), (2, (1 + 1 / 3) / 2), (4, 2 / 4), (5, 3 / 5)]
    for k, share in expected:
        assert precision_at(scores, wanted, k)[0] == pytest.approx(share)


def test_the_rank_of_what_is_wanted() -> None:
    scores = np.array([[5.0, 4, 3], [5, 4, 3], [1, 1, 1], [2, 2, 3]])
    wanted = np.array([[0, 1, 1], [1, 0, 0], [0, 1, 0], [1, 1, 0]], bool)
    # In the middle of two that it is tied with: 1 + 2/2.
    assert rank_of_wanted(scores, wanted).tolist() == [2, 1, 2, 2]
