"""The sections of a study as a whole."""

from __future__ import annotations

from dataclasses import replace

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.stages import in_words
from layerwise.dashboards.study_sections import beside_one_another, images, spent, tree


def test_a_tree_where_a_stage_starts_from_another(crossing: Frames, two_stages: Frames) -> None:
    [chart] = tree(two_stages).charts
    assert len(chart.table) == 9
    assert "Which settings went on" in chart.title
    assert not tree(crossing).charts


def test_stages_side_by_side_where_there_are_several(crossing: Frames, two_stages: Frames) -> None:
    made = beside_one_another(two_stages)
    (chart,) = made.charts
    assert chart.narrow is not None
    assert chart.note.startswith("A reconstruction error is of what the stage itself reads")
    assert made.words is not None
    assert made.words.equals(in_words(two_stages, ("first", "second")))
    for empty in (beside_one_another(crossing), beside_one_another(two_stages, ("first",))):
        assert (empty.charts, empty.note, empty.words) == ([], "", None)
    lost = two_stages.runs["status"].where(two_stages.runs["stage"] == "first", "FAILED")
    failed = beside_one_another(
        replace(two_stages, runs=two_stages.runs.assign(status=lost), memory={})
    )
    assert not failed.charts
    assert failed.note.startswith("There are no two stages to set side by side.")
    assert failed.words is not None


def test_images_and_what_was_spent(crossing: Frames, running: Frames) -> None:
    assert images(crossing).charts[0].name.startswith("images-")
    assert images(running).note.startswith("There are no images")
    assert len(spent(crossing).charts) == 1
    assert spent(running).note


def test_what_happens_inside_stands_among_the_images(crossing: Frames, one_seed: Frames) -> None:
    names = [chart.name for chart in images(crossing).charts]
    assert names[-5:] == ["traversal", "gibbs", "code-map", "units", "spectrum-ranks"]
    assert not images(one_seed).charts


def test_an_older_record_has_no_insides(crossing: Frames) -> None:
    study = {name: value for name, value in crossing.study.items() if name != "inside"}
    older = replace(crossing, study=study, memory={})
    assert [chart.name for chart in images(older).charts][-1].startswith("filters-")


def test_a_record_whose_arrays_are_lost_has_no_insides(crossing: Frames) -> None:
    kept = {name: a for name, a in crossing.images.items() if not name.startswith("inside/")}
    lost = replace(crossing, images=kept, memory={})
    assert [chart.name for chart in images(lost).charts][-1].startswith("filters-")
