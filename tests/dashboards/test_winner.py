"""What the comparison with the best lets the words say."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards.comparisons import Looks, contest
from layerwise.dashboards.winner import said

RNG = np.random.default_rng(7)
NOISE = RNG.standard_normal((12, 3))
LOOKS = Looks(3, 12)


def test_a_clear_winner() -> None:
    found = contest(0.01 * NOISE + np.arange(3.0), True, Looks(12, 12))
    assert said(found) == (
        "The winner is clear: with 95\u00a0% confidence none of the other 2 is the best."
    )
    two = contest(0.01 * NOISE[:, :2] + np.arange(2.0), True, Looks(12, 12))
    assert said(two).endswith("with 95\u00a0% confidence the other setting is not the best.")


def test_settings_that_cannot_be_told_apart() -> None:
    found = contest(NOISE[:3] + np.array([0.0, 0.1, 900.0]), True, Looks(3, 3))
    assert said(found) == (
        "Not distinguishable from the best with 3 seeds: one of the other 2 settings. "
        "With 95\u00a0% confidence the best is among these two."
    )
    assert "with 12 seeds, the most that the study allows: all of" in said(
        contest(NOISE, True, LOOKS), adds=True
    )
    assert "with 3 seeds, and more are to come: all of the other 2 settings." in said(
        contest(NOISE[:3], True, LOOKS), adds=True
    )


def test_settings_that_are_close_enough() -> None:
    found = contest(100 + 0.01 * NOISE[:3, :2], True, LOOKS, until=0.05)
    text = said(found, until=0.05, adds=True)
    assert text.startswith("Close enough with 3 seeds: the other one may be better, but its distan")
    assert text.endswith("within 5\u00a0% of the best's value.")
    half = (found.high - found.low)[1 - found.best] / 2
    assert f"±{half:.2g}" in text
    three = said(contest(100 + 0.01 * NOISE[:3], True, LOOKS, until=0.05), until=0.05)
    assert "all of the other 2 settings may be better, but their distances from the best" in three


def test_where_there_is_nothing_to_compare() -> None:
    assert said(contest(NOISE[:, :1], True, LOOKS)) == ""
    assert "chance" in said(contest(NOISE[:1], True, Looks(1, 1)))
    early = NOISE[:2].copy()
    assert said(contest(early, True, Looks(1, 9))).startswith("Not distinguishable")
    assert "nothing is compared yet" in said(contest(NOISE[:1], True, Looks(1, 9)))
