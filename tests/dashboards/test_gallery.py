"""The gallery's entries: which charts stand for a study, under names of their own."""

from __future__ import annotations

from made_claims import claim, with_claims
from made_uses import with_uses

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.gallery import OF_USE, chosen, entries


def test_a_use_is_shown_by_its_numbers_and_by_what_there_is_to_see(crossing: Frames) -> None:
    found = chosen(with_claims(with_uses(crossing), claim("holds")))
    assert [chart.name for chart in found] == ["contest-0", "anomaly-roc"]


def test_a_study_without_a_use_is_shown_by_what_its_hyperparameters_do(
    crossing: Frames, two_stages: Frames, one_seed: Frames
) -> None:
    for frames in (crossing, two_stages, one_seed):
        found = chosen(frames)
        assert 1 <= len(found) <= OF_USE
        assert all(len(chart.table) for chart in found)


def test_every_chart_has_a_name_of_its_own(crossing: Frames) -> None:
    frames = with_claims(crossing, claim("fails"))
    made = entries([frames, frames, crossing])
    names = [chart.name for entry in made for chart in entry.charts]
    assert len(set(names)) == len(names)
    assert len({entry.anchor for entry in made}) == 3
    assert made[0].answer == "The claim does not hold."
    assert made[2].answer.startswith("Of ")
    assert made[0].section().words is not None
    assert made[2].section().words is None
