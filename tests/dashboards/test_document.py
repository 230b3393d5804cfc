"""Which sections a record fills."""

from __future__ import annotations

from layerwise.dashboards.chart import Section
from layerwise.dashboards.document import sections
from layerwise.dashboards.frames import Frames


def kinds(made: list[Section]) -> list[str]:
    return [section.kind for section in made]


EVERYTHING = [
    "ranking",
    "controls",
    "effects",
    "importance",
    "crossings",
    "trades",
    "inside",
    "curves",
    "images",
    "cost",
]


def test_a_crossing_fills_every_section(crossing: Frames) -> None:
    made = sections(crossing)
    assert kinds(made) == EVERYTHING
    charts = [chart for section in made for chart in section.charts]
    counts = {section.kind: len(section.charts) for section in made}
    assert counts == dict(zip(EVERYTHING, (1, 1, 3, 2, 3, 2, 1, 1, 9, 1), strict=True))
    assert len({chart.name for chart in charts}) == len(charts)
    for chart in charts:
        assert chart.sentence
        assert len(chart.table)
        assert chart.drawing.traces


def test_every_stage_has_its_charts_the_last_first(two_stages: Frames) -> None:
    made = sections(two_stages)
    titles = [section.title for section in made if section.kind == "ranking"]
    assert titles == ["Ranked settings · second", "Ranked settings · first"]
    assert kinds(made).count("effects") == 2
    assert kinds(made).count("crossings") == 1
    # What is of all stages comes after each one's own.
    assert kinds(made)[-4:] == ["side-by-side", "tree", "images", "cost"]


def test_what_is_missing_is_said(one_seed: Frames, one_trial: Frames, running: Frames) -> None:
    by_kind = {section.kind: section for section in sections(one_seed)}
    assert by_kind["controls"].note.startswith("No control was recorded")
    assert by_kind["images"].note.startswith("There are no images")
    alone = {section.kind: section for section in sections(one_trial)}
    assert alone["effects"].note == "This stage sweeps no hyperparameter of its own."
    assert "crossings" not in alone
    assert next(s.kind for s in sections(running) if s.charts) == "ranking"


def test_nothing_finished_still_has_sections(crossing: Frames) -> None:
    none = Frames(crossing.runs.assign(status="RUNNING"), crossing.history, crossing.study)
    made = sections(none)
    assert made[0].note == "No trial of this stage has finished with a finite objective."
