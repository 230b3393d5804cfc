"""Claims and contests from the record, sound or not."""

from __future__ import annotations

import math

import pytest
from made_claims import MEASURES, claim, contestant, measure, with_claims
from made_uses import HOSTILE

from layerwise.dashboards import claims
from layerwise.dashboards.frames import Frames


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_a_lead_is_relative_and_counted_the_claims_way(crossing: Frames, better: str) -> None:
    frames = with_claims(crossing, claim("holds", better), claim("fails", better))
    held, failed = claims.claims(frames)
    assert (held.lead.mean, held.lead.low, held.lead.high) == pytest.approx((0.2, 0.1, 0.3))
    assert (failed.lead.mean, failed.lead.low, failed.lead.high) == pytest.approx(
        (-0.2, -0.3, -0.1)
    )
    assert held.lead.n == 5


def test_equality_keeps_the_sign(crossing: Frames) -> None:
    [found] = claims.claims(with_claims(crossing, claim("untold", "lower", within=0.02)))
    assert found.within == 0.02
    assert found.lead.mean == pytest.approx(-0.05)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([], ""),
        (["holds"], "The claim holds."),
        (["holds"] * 3, "All 3 claims hold."),
        (
            ["holds", "fails", "holds", "untold"],
            "2 of 4 claims hold, 1 does not and 1 cannot be told.",
        ),
        (["fails", "fails"], "0 of 2 claims hold and 2 do not."),
        (["untold"], "The claim cannot be told."),
        (["fails"], "The claim does not hold."),
    ],
)
def test_the_tally(crossing: Frames, verdicts: list[str], said: str) -> None:
    assert claims.tally(with_claims(crossing, *map(claim, verdicts))) == said


def test_a_contest_has_the_best_first(crossing: Frames) -> None:
    [found] = claims.contests(with_claims(crossing))
    assert [one.name for one in found.contestants] == ["codes", "raw", "untrained"]
    assert found.contestants[0].interval.mean == pytest.approx(0.8)
    assert found.contestants[0].interval.known
    assert not found.contestants[1].interval.known
    assert found.contestants[2].interval.n == 2
    [turned] = claims.contests(with_claims(crossing, measures=[{**MEASURES[0], "better": "lower"}]))
    assert [one.name for one in turned.contestants] == ["untrained", "raw", "codes"]


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {**claim("holds"), "verdict": "perhaps"},
        {**claim("holds"), "difference": None},
    ],
)
def test_a_claim_that_is_none_is_left_out(crossing: Frames, entry: object) -> None:
    assert claims.claims(with_claims(crossing, entry)) == []


def test_numbers_that_are_none(crossing: Frames) -> None:
    broken = {**claim("untold"), "means": [None, 0], "difference": {"mean": None}}
    [found] = claims.claims(with_claims(crossing, broken))
    assert math.isnan(found.lead.mean)
    assert found.lead.n == 0
    empty = measure(contestant("codes", False, None), {"values": 3}, contestant("raw", True))
    assert claims.contests(with_claims(crossing, measures=[empty, None, "x"])) == []
    assert claims.contests(with_claims(crossing, measures="none")) == []


def test_long_names_are_cut(crossing: Frames) -> None:
    long = {**claim("holds"), "said": HOSTILE, "first": HOSTILE}
    [found] = claims.claims(with_claims(crossing, long))
    assert len(found.said) <= claims.SAID
    assert len(found.first) <= claims.NAME
