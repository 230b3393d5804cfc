"""Leads of claims as shares of what had to be reached."""

from __future__ import annotations

import pytest
from made_claims import claim, with_claims

from layerwise.dashboards.figures import claim_leads
from layerwise.dashboards.frames import Frames


def test_the_table_and_the_drawing(crossing: Frames) -> None:
    frames = with_claims(
        crossing, claim("holds"), claim("fails", "lower"), claim("untold", within=0.1)
    )
    rows = claim_leads.table(frames)
    assert rows["lead %"].tolist() == pytest.approx([20, -20, 5])
    assert rows["low %"].tolist() == pytest.approx([10, -30, -10])
    assert list(rows["outcome"]) == ["holds", "does not hold", "cannot be told"]
    for beside in (True, False):
        drawn = claim_leads.figure(frames, beside)
        assert [trace.name for trace in drawn.data] == list(rows["outcome"])
        assert [trace.x[0] for trace in drawn.data] == pytest.approx([20, -20, 5])
        [band] = drawn.layout.shapes
        assert (band.x0, band.x1) == (-10, 10)
    assert claim_leads.sentence(frames).startswith("1 of 3 claims holds")


def test_nothing_claimed_is_an_empty_table(crossing: Frames) -> None:
    assert claim_leads.table(crossing).empty
    assert not claim_leads.draw(crossing).traces
