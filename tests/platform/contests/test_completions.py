"""Completions without a network, against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from layerwise.platform.contests import completions
from layerwise.platform.contests.completions import Standard, kernel_ridge, means, neighbours, ridge


def made(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Five inputs, the last of which never varies, and three that follow from them."""
    given = np.random.default_rng(seed).normal(2, 3, (samples, 5))
    given[:, 4] = 7
    weight = np.random.default_rng(9).normal(size=(5, 3))
    return given, np.tanh(given @ weight / 5)


GIVEN, WANTED = made(80, 0)
VALIDATION, HELD = made(30, 1)
TEST, _ = made(20, 2)


def merit(found: np.ndarray) -> float:
    return -float(np.square(found - HELD).sum())


def test_standardised_inputs_are_scikit_learns() -> None:
    standard = Standard(GIVEN)
    expected = StandardScaler().fit(GIVEN).transform(TEST)
    np.testing.assert_allclose(standard(TEST)[:, :4], expected[:, :4])
    assert (standard(TEST)[:, 4] == 0).all()
    np.testing.assert_allclose(standard.undone(standard(TEST)), TEST)


def test_ridge_is_the_best_of_scikit_learns() -> None:
    standard = StandardScaler().fit(GIVEN)
    tried = {
        penalty: Ridge(alpha=penalty).fit(standard.transform(GIVEN), WANTED)
        for penalty in completions.PENALTIES
    }
    best = max(tried, key=lambda p: merit(tried[p].predict(standard.transform(VALIDATION))))
    found = ridge(GIVEN, WANTED, VALIDATION, merit)
    assert found.words == f"penalty {best:g}"
    expected = tried[best].predict(standard.transform(TEST))
    np.testing.assert_allclose(found.complete(TEST), expected, atol=1e-9)


def test_kernel_ridge_is_scikit_learns() -> None:
    standard = Standard(GIVEN)
    z = standard(GIVEN)
    median = float(np.median(np.square(z[:, None] - z).sum(-1)))
    found = kernel_ridge(GIVEN, WANTED, VALIDATION, merit)
    errors = []
    for width in completions.WIDTHS:
        for penalty in completions.KERNEL_PENALTIES:
            fitted = KernelRidge(kernel="rbf", gamma=width / median, alpha=penalty)
            mean = WANTED.mean(0)
            fitted.fit(z, WANTED - mean)
            errors.append(-merit(mean + fitted.predict(standard(VALIDATION))))
            if found.words == f"width {width:g}, penalty {penalty:g}":
                expected = mean + fitted.predict(standard(TEST))
    np.testing.assert_allclose(found.complete(TEST), expected, atol=1e-9)
    assert -merit(found.complete(VALIDATION)) == pytest.approx(min(errors))


def test_neighbours_vote_and_the_frequent_comes_first_among_equals() -> None:
    nearest = np.array([[0, 1]])
    tags = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0]])
    votes = completions.voted(nearest, tags)[0]
    assert np.argsort(-votes).tolist() == [1, 0, 2, 3]
    np.testing.assert_allclose(votes, [0.5, 0.5, 0, 0], atol=1e-5)


def test_how_many_neighbours_is_chosen_on_validation_samples() -> None:
    found = neighbours(GIVEN, WANTED, VALIDATION, merit)
    errors = {}
    for words, read in (("as given", lambda x: x), ("at variance 1", Standard(GIVEN))):
        apart = np.square(read(VALIDATION)[:, None] - read(GIVEN)).sum(-1)
        for k in completions.NEIGHBOURS:
            mean = WANTED[np.argsort(apart, 1, kind="stable")[:, :k]].mean(1)
            errors[f"{k} nearest, inputs {words}"] = np.square(mean - HELD).sum()
    assert found.words == min(errors, key=lambda words: errors[words])
    few = neighbours(GIVEN[:2], WANTED[:2], VALIDATION, merit)
    assert int(few.words.split()[0]) <= 2


def test_means_do_not_look_at_what_is_given() -> None:
    np.testing.assert_allclose(means(WANTED)(TEST), np.tile(WANTED.mean(0), (20, 1)))
