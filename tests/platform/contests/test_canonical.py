"""Canonical correlations: known ones, and completions that are a ridge regression's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from layerwise.platform.contests import canonical
from layerwise.platform.contests.canonical import fitted
from layerwise.platform.contests.completions import Standard


def made(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two sides of 6 and 4 inputs: the first of each share 90 % of their variance."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(samples, 6)), rng.normal(size=(samples, 4))
    second[:, 0] = 0.9**0.5 * first[:, 0] + 0.1**0.5 * second[:, 0]
    return 5 * first + 2, second - 1


def test_the_correlation_of_independent_inputs_is_known() -> None:
    first, second = made(20_000)
    found = {one.words: one for one in fitted(first, second)}
    for penalty in canonical.PENALTIES:
        one = found[f"4 directions, penalty {penalty:g}"]
        # Of inputs that do not depend on each other the covariance is I, and (1 + ρ)I with ρ.
        expected = 0.9**0.5 / (1 + penalty)
        assert one.correlations[0] == pytest.approx(expected, rel=0.02)
        assert (one.correlations[1:] < 0.05).all()


def test_with_all_directions_the_completion_is_a_ridge_regressions() -> None:
    first, second = made(50)
    x, y = made(9, 1)
    sides = Standard(first), Standard(second)
    for one in fitted(first, second):
        penalty = float(one.words.split()[-1])
        for side, given, asked in ((0, first, x), (1, second, y)):
            wanted = second if side == 0 else first
            regression = Ridge(alpha=len(first) * penalty)
            regression.fit(sides[side](given), wanted)
            expected = regression.predict(sides[side](asked))
            np.testing.assert_allclose(one.complete(side, asked), expected, atol=1e-9)


def test_codes_of_both_sides_go_together() -> None:
    first, second = made(2000)
    x, y = made(500, 1)
    one = next(iter(fitted(first, second)))
    codes = one.code(0, x), one.code(1, y)
    assert codes[0].shape == codes[1].shape == (500, 4)
    assert np.corrcoef(codes[0][:, 0], codes[1][:, 0])[0, 1] > 0.9
    # The rest tells nothing, and counts next to nothing.
    assert codes[0][:, 1:].std() < 0.1 * codes[0][:, 0].std()


def test_more_directions_than_there_are_inputs_are_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(canonical, "DIRECTIONS", (2, 3, 30, 100))
    found = list(fitted(*made(40)))
    sizes = [len(one.correlations) for one in found]
    assert sizes == [2, 3, 4] * len(canonical.PENALTIES)
