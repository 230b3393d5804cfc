"""Comparisons with the best: closed forms, and how often they err in simulated studies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from layerwise.dashboards.comparisons import ERROR, Contest, Looks, contest

TWO = Looks(3, 3)
GROWING = Looks(3, 12)


def made(rng: np.random.Generator, means: np.ndarray, spread: object, seeds: int) -> np.ndarray:
    """A study's results (seeds, settings): what a seed does to all settings is large."""
    shared = 5 * rng.standard_normal((seeds, 1))
    return means + shared + np.asarray(spread) * rng.standard_normal((seeds, len(means)))


def test_two_settings_are_a_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        values = made(rng, np.array([0.0, 1.5]), 1.0, 6)
        found = contest(values, True, Looks(6, 6))
        other = 1 - found.best
        test = stats.ttest_rel(values[:, other], values[:, found.best])
        low, high = test.confidence_interval(0.95)
        assert [found.low[other], found.high[other]] == pytest.approx([low, high])
        assert found.difference[other] == pytest.approx(
            np.mean(values[:, other] - values[:, found.best])
        )
        assert (found.state == "clear") == (test.pvalue < 0.05)


def test_many_settings_share_the_error() -> None:
    values = made(np.random.default_rng(1), np.arange(5.0), 0.1, 4)
    found = contest(values, True, Looks(4, 4))
    assert found.best == 0
    assert np.isnan(found.low[0])
    for other in range(1, 5):
        gaps = values[:, other] - values[:, 0]
        low, high = stats.t.interval(1 - ERROR / 4, 3, gaps.mean(), stats.sem(gaps))
        assert [found.low[other], found.high[other]] == pytest.approx([low, high])


def test_what_a_seed_does_to_all_settings_cancels() -> None:
    values = made(np.random.default_rng(2), np.arange(4.0), 0.2, 3)
    moved = values + np.array([[0.0], [50.0], [-7.0]])
    shifted = contest(moved, True, TWO)
    plain = contest(values, True, TWO)
    np.testing.assert_allclose(shifted.low, plain.low)
    np.testing.assert_allclose(shifted.high, plain.high)
    # Dunnett's test, which takes seeds for independent groups, would see nothing here.
    columns = [moved[:, column] for column in range(1, 4)]
    unpaired = stats.dunnett(*columns, control=moved[:, 0]).confidence_interval(0.95)
    assert ((unpaired.high - unpaired.low) > 3 * (plain.high - plain.low)[1:]).all()


def test_maximising_mirrors_everything() -> None:
    values = made(np.random.default_rng(3), np.arange(4.0), 0.2, 3)
    low, high = contest(values, True, TWO), contest(-values, False, TWO)
    assert (low.best, low.state) == (high.best, high.state)
    np.testing.assert_allclose(low.difference, -high.difference)
    np.testing.assert_allclose(low.low, -high.high)
    assert (low.contending == high.contending).all()


def test_looks_grow_and_spend_the_error_once() -> None:
    assert GROWING.counts == (3, 5, 8, 12)
    assert Looks(1, 6).counts == (2, 3, 5, 6)
    assert Looks(3, 3).counts == (3,)
    for looks in (GROWING, Looks(2, 40), Looks(3, 3)):
        assert looks.errors(np.array(looks.counts)).sum() == pytest.approx(ERROR)
    # Between looks, that of the last one; below the first, that of the first.
    assert GROWING.errors(np.array([2, 3, 4, 5])) == pytest.approx([ERROR / 4] * 3 + [ERROR / 6])


def test_further_seeds_are_asked_for_contenders_only_and_earlier_looks_stand() -> None:
    rng = np.random.default_rng(4)
    values = made(rng, np.array([0.0, 0.1, 500.0]), 1.0, 12)
    start = contest(values[:3], True, GROWING)
    assert (start.state, start.waiting, list(start.asked)) == ("open", True, [5, 5, 3])
    values[3:, 2] = np.nan
    for seeds in range(3, 12):
        some = values.copy()
        some[seeds:] = np.nan
        found = contest(some, True, GROWING)
        reached = [count for count in GROWING.counts if count <= seeds]
        assert found.seeds == reached[-1]
        assert found.waiting
        assert found.asked[0] == next(c for c in GROWING.counts if c > seeds)
        assert found.asked[2] == 3
    end = contest(values, True, GROWING)
    assert (end.state, end.waiting, list(end.asked)) == ("open", False, [12, 12, 3])


def test_a_difference_known_closely_enough_ends_it() -> None:
    rng = np.random.default_rng(5)
    values = 100 + made(rng, np.zeros(2), 0.01, 12)
    assert contest(values, True, GROWING, until=0.05).state == "close"
    assert contest(values, True, GROWING, until=1e-9).state in ("open", "clear")
    same = np.repeat(values[:, :1], 3, axis=1)
    assert contest(same, True, GROWING, until=0.001).state == "close"
    assert contest(same, True, GROWING).contending.all()


def test_a_lost_seed_puts_a_setting_out_from_there_on() -> None:
    values = made(np.random.default_rng(6), np.array([0.0, 0.1, 0.2]), 1.0, 12)
    values[1, 0] = np.inf
    values[4, 1] = np.inf
    found = contest(values, True, GROWING)
    assert (found.best, found.state, found.compared) == (2, "clear", 2)
    assert list(found.contending) == [False, False, True]
    # One setting that has its starting seeds is compared with none.
    assert contest(values[:, :1], True, GROWING).best == -1
    assert contest(values[:, 2:], True, GROWING).state == "alone"


def test_one_seed_tells_nothing() -> None:
    found = contest(np.array([[1.0, 2.0, 3.0]]), True, Looks(1, 1))
    assert (found.best, found.state) == (0, "unknown")
    assert np.isnan(found.low).all()
    assert found.contending.all()
    assert contest(np.array([[1.0, 2.0]]), True, Looks(1, 9)).asked.tolist() == [2, 2]


WORLDS = {
    "two equal": (np.zeros(2), 1.0),
    "three equal": (np.zeros(3), 1.0),
    "twelve equal": (np.zeros(12), 1.0),
    "one a little ahead": (np.array([0.0, 0.3, 0.3, 0.3]), 1.0),
    "spread out": (np.linspace(0, 2, 8), 1.0),
    "equal, unequally noisy": (np.zeros(4), np.array([0.05, 0.2, 1.0, 4.0])),
    "the best is the noisiest": (np.array([0.0, 0.05, 0.05]), np.array([2.0, 0.1, 0.1])),
}
REPEATS = 1000


OFTEN = float(stats.binom.ppf(0.999, REPEATS, ERROR))
"""How often a thing whose chance is 5 % happens in REPEATS, but for one test in a thousand."""


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("looks", [Looks(3, 3), Looks(6, 6), GROWING], ids=["3", "6", "3 to 12"])
def test_errors_stay_below_five_percent(world: str, looks: Looks) -> None:
    means, spread = WORLDS[world]
    best, unique = int(means.argmin()), (means == means.min()).sum() == 1
    false_winner = left_out = uncovered = 0
    for repeat in range(REPEATS):
        rng = np.random.default_rng([repeat, len(means), looks.most])
        found = contest(made(rng, means, spread, looks.most), True, looks)
        false_winner += found.state == "clear" and not (unique and found.best == best)
        left_out += not found.contending[best]
        if found.best == best:
            others = np.arange(len(means)) != best
            away = (means - means[best])[others]
            uncovered += bool(((found.low[others] > away) | (found.high[others] < away)).any())
    assert false_winner <= OFTEN
    assert left_out <= OFTEN
    assert uncovered <= OFTEN


def test_around_a_fixed_setting_all_intervals_hold_together() -> None:
    """The setting that all are compared with is far ahead, and so always the same one."""
    missed = 0
    for repeat in range(REPEATS):
        rng = np.random.default_rng(repeat)
        means = np.array([-1e6, 0.0, 0.0, 1.0, 2.0])
        found = contest(made(rng, means, np.array([1.0, 0.5, 1.0, 2.0, 4.0]), 4), True, Looks(4, 4))
        away = means[1:] - means[0]
        missed += bool(((found.low[1:] > away) | (found.high[1:] < away)).any())
    assert 0.2 * ERROR * REPEATS < missed <= OFTEN


def test_looking_without_correction_would_err_far_more_often() -> None:
    wrong = 0
    for repeat in range(REPEATS):
        values = made(np.random.default_rng(repeat), np.zeros(2), 1.0, 12)
        looks: list[Contest] = [contest(values[:n], True, Looks(n, n)) for n in GROWING.counts]
        wrong += any(found.state == "clear" for found in looks)
    assert wrong > 1.5 * OFTEN


def test_a_clear_winner_is_found_with_few_seeds() -> None:
    seeds, right = [], 0
    for repeat in range(200):
        values = made(np.random.default_rng(repeat), np.array([0.0, 5.0, 6.0, 9.0]), 1.0, 12)
        found = contest(values, True, GROWING)
        seeds.append(int(found.asked.sum()))
        right += found.state == "clear" and found.best == 0
    assert right > 195
    # All settings with all seeds would be 48 trials.
    assert np.mean(seeds) < 24
