"""The sections of a comparison: always the same four, each filled or with a word why not."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from layerwise.dashboards import contrast
from layerwise.dashboards.frames import Frames

SCENES = ["crossing", "one_seed", "one_trial", "diverged", "running", "two_stages", "hostile"]
KINDS = ["scores", "ranks", "effects", "asked"]


@pytest.mark.parametrize("scene", SCENES)
def test_any_two_records_have_a_page(
    scene: str, crossing: Frames, request: pytest.FixtureRequest
) -> None:
    other: Frames = request.getfixturevalue(scene)
    for left, right in itertools.permutations((crossing, other)):
        made = contrast.sections(left, right)
        assert [section.kind for section in made] == KINDS
        assert len({section.name for section in made}) == 4
        for section in made:
            assert section.charts or section.note
            for chart in section.charts:
                assert chart.sentence
                assert len(chart.table)
                assert chart.drawing.traces
                assert chart.narrow is not None
        assert contrast.verdict(left, right).endswith(".")


def test_the_charts_of_two_that_may_be_compared(crossing: Frames, two_stages: Frames) -> None:
    made = contrast.sections(crossing, two_stages)
    names = [chart.name for section in made for chart in section.charts]
    assert names == [
        "contrast-scores-chart", "contrast-ranks-chart", "contrast-effects-0",
    ]  # fmt: skip
    assert "Differences are paired by seed" in made[0].note


def test_on_other_data_no_dot_stands_beside_another(crossing: Frames) -> None:
    study = {**crossing.study, "study": "b", "data": {"name": "faces", "digest": "cd" * 32}}
    made = contrast.sections(crossing, dataclasses.replace(crossing, study=study, memory={}))
    assert made[0].charts == []
    assert made[0].note.startswith("No difference is given")
    assert made[1].charts[0].note == "Each has an axis of its own."
    assert len(made[2].charts) == 3


def test_nothing_finished_is_said(crossing: Frames) -> None:
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    made = contrast.sections(none, none)
    assert not any(section.charts for section in made)
    assert made[1].note == "No setting of either has finished."
    assert made[2].note == "There is none."
