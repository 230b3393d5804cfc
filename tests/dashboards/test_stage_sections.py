"""The sections of one stage, in reading order."""

from __future__ import annotations

from dataclasses import replace

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.stage_sections import of_stage


def test_what_a_stage_has_in_order(crossing: Frames) -> None:
    made = list(of_stage(crossing, "codes", 0, " · codes"))
    assert [section.kind for section in made] == [
        *("ranking", "controls", "effects", "importance", "crossings"),
        *("trades", "likelihood", "inside", "curves"),
    ]
    assert all(section.title.endswith(" · codes") for section in made)
    assert all(section.name.endswith("-0") for section in made)
    # Autoencoders have no likelihood: the section is there to be left out.
    [empty] = [section for section in made if not section.charts and not section.note]
    assert empty.kind == "likelihood"


def test_a_stage_without_a_result_says_so_and_nothing_else(crossing: Frames) -> None:
    lost = replace(crossing, runs=crossing.runs.assign(status="FAILED"), memory={})
    [only] = of_stage(lost, "codes", 0, "")
    assert only.note == "No trial of this stage has finished with a finite objective."
    assert not only.charts
