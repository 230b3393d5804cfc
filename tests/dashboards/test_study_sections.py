"""The sections of a study as a whole."""

from __future__ import annotations

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.study_sections import images, spent, tree


def test_a_tree_where_a_stage_starts_from_another(crossing: Frames, two_stages: Frames) -> None:
    [chart] = tree(two_stages).charts
    assert len(chart.table) == 9
    assert "Which settings went on" in chart.title
    assert not tree(crossing).charts


def test_images_and_what_was_spent(crossing: Frames, running: Frames) -> None:
    assert images(crossing).charts[0].name.startswith("images-")
    assert images(running).note.startswith("There are no images")
    assert len(spent(crossing).charts) == 1
    assert spent(running).note
