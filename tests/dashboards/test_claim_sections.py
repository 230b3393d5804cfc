"""Claims come first on the page; contests open what the networks are for."""

from __future__ import annotations

from made_claims import claim, with_claims
from made_uses import HOSTILE

from layerwise.dashboards import report
from layerwise.dashboards.claim_sections import claimed, contested
from layerwise.dashboards.document import sections
from layerwise.dashboards.frames import Frames


def test_claims_and_contests_open_the_page(crossing: Frames) -> None:
    frames = with_claims(crossing, claim("holds"), claim("untold"))
    made = sections(frames)
    assert [section.kind for section in made[:2]] == ["claims", "uses"]
    assert made[0].words is not None
    assert list(made[0].words["outcome"]) == ["holds", "cannot be told"]
    assert [chart.name for chart in made[0].charts] == ["claims-chart"]
    assert [chart.name for chart in made[1].charts] == ["contest-0"]
    page = report.render(frames)
    assert "1 of 2 claims holds" in page


def test_a_study_without_claims_has_no_such_section(crossing: Frames) -> None:
    assert claimed(crossing).words is None
    assert not contested(crossing)
    assert "claims" not in [section.kind for section in sections(crossing)]


def test_claims_without_numbers_have_words_and_no_chart(crossing: Frames) -> None:
    lost = {**claim("untold"), "means": [None, None]}
    made = claimed(with_claims(crossing, lost))
    assert not made.charts
    assert made.words is not None


def test_names_are_text(crossing: Frames) -> None:
    frames = with_claims(crossing, {**claim("fails"), "said": HOSTILE, "second": HOSTILE})
    page = report.render(frames)
    assert "<img src=x" not in page
