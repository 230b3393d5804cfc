"""All settings of two records: each in its own order, on one axis only where that is allowed."""

from __future__ import annotations

import dataclasses

import pytest

from layerwise.dashboards.effects import ranked
from layerwise.dashboards.figures import contrast_ranks
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair

METRIC = "validation/reconstruction_error"


def renamed(frames: Frames, name: str, **study: object) -> Frames:
    asked = {**frames.study, "study": name, **study}
    return dataclasses.replace(frames, study=asked, memory={})


def test_the_table_holds_both_rankings(crossing: Frames, diverged: Frames) -> None:
    table = contrast_ranks.table(Pair.of(crossing, diverged))
    for side, frames in (("left", crossing), ("right", diverged)):
        part = table[table["side"] == side]
        assert list(part["rank"]) == list(range(1, len(part) + 1))
        assert list(part["setting"]) == list(ranked(frames, "codes").index)
        runs = frames.runs[frames.runs["status"] == "FINISHED"]
        means = runs.groupby("setting")[METRIC].mean()
        assert list(part["mean"]) == pytest.approx(list(means[part["setting"]]))


def test_one_panel_where_values_may_be_compared(crossing: Frames, two_stages: Frames) -> None:
    pair = Pair.of(crossing, two_stages)
    figure = contrast_ranks.figure(pair)
    left, right = figure.data
    assert (left.name, right.name) == ("crossing", "two stages")
    assert {left.xaxis, right.xaxis} == {"x"}
    assert left.marker.symbol != right.marker.symbol
    # Beside their rank, so that neither hides the other; the table has the rank.
    assert left.x[0] == pytest.approx(1 - contrast_ranks.APART)
    assert right.x[0] == pytest.approx(1 + contrast_ranks.APART)
    assert list(left.y) == list(ranked(crossing, "codes")["mean"])
    assert figure.layout.showlegend


def test_two_panels_where_they_may_not(crossing: Frames) -> None:
    other = renamed(crossing, "faces", data={"name": "faces", "digest": "cd" * 32})
    pair = Pair.of(crossing, other)
    assert not contrast_ranks.shared(pair)
    figure = contrast_ranks.figure(pair)
    assert [trace.xaxis for trace in figure.data] == ["x", "x2"]
    assert [a.text for a in figure.layout.annotations] == ["<b>crossing</b>", "<b>faces</b>"]
    assert contrast_ranks.sentence(pair) == "There are 12 settings of crossing and 12 of faces."
    narrow = contrast_ranks.draw(pair, columns=1)
    assert narrow.layout["xaxis2"]["domain"] == [0, 1]


def test_the_sentence_counts_who_is_ahead(crossing: Frames) -> None:
    values = crossing.runs.groupby("setting")[METRIC].mean().sort_values().to_numpy()
    # All of the right is moved between the left's third and fourth setting, and further up.
    moved = crossing.runs[METRIC] - values[0] + (values[2] + values[3]) / 2
    other = dataclasses.replace(
        renamed(crossing, "b"), runs=crossing.runs.assign(**{METRIC: moved})
    )
    assert contrast_ranks.sentence(Pair.of(crossing, other)) == (
        "There are 12 settings of crossing and 12 of b: 3 of crossing lie ahead of the best of b."
    )
    assert contrast_ranks.sentence(Pair.of(other, crossing)).endswith(
        "3 of crossing lie ahead of the best of b."
    )
    far = dataclasses.replace(other, runs=crossing.runs.assign(**{METRIC: moved + 99}), memory={})
    assert "every one of crossing lies ahead of the best of b." in contrast_ranks.sentence(
        Pair.of(crossing, far)
    )
    assert contrast_ranks.sentence(Pair.of(crossing, crossing)).endswith("are equal.")


def test_nothing_and_one_are_drawn_too(crossing: Frames, one_trial: Frames) -> None:
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    assert not contrast_ranks.draw(Pair.of(none, none)).traces
    assert len(contrast_ranks.draw(Pair.of(none, crossing)).traces) == 1
    (left, right) = contrast_ranks.draw(Pair.of(one_trial, crossing)).traces
    assert left["error_y"]["visible"] is False
    assert len(right["x"]) == 12
    assert contrast_ranks.sentence(Pair.of(one_trial, crossing)).startswith("There is 1 setting of")


def test_names_are_inert(crossing: Frames, hostile: Frames) -> None:
    text = str(contrast_ranks.draw(Pair.of(hostile, crossing)).spec())
    assert "<img" not in text
    assert "%{x}" not in text.replace("<b>%{text}</b>", "")
