"""Heat maps of crossings: which axis, which cell, which frame."""

from __future__ import annotations

import pytest

from layerwise.dashboards import palette
from layerwise.dashboards.figures import crossings
from layerwise.dashboards.frames import Frames

METRIC = "validation/reconstruction_error"


def test_the_hyperparameter_with_fewest_values_goes_from_panel_to_panel(crossing: Frames) -> None:
    found = crossings.crossing(crossing, "codes")
    assert found == crossings.Crossing("corruption.level", "sparsity.weight", "contraction.weight")


def test_cells_are_means_over_seeds(crossing: Frames) -> None:
    table = crossings.table(crossing, "codes", METRIC)
    runs = crossing.runs
    assert len(table) == 12
    assert set(table["trials"]) == {3}
    for cell in table.to_dict("records"):
        chosen = runs
        for path in ("corruption.level", "sparsity.weight", "contraction.weight"):
            chosen = chosen[chosen[path] == cell[path]]
        assert cell["mean"] == pytest.approx(chosen[METRIC].mean())


def test_the_best_cell_is_framed_and_text_changes_with_the_scale(crossing: Frames) -> None:
    figure = crossings.figure(crossing, "codes", METRIC)
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.y0, frame.xref) == (-0.48, -0.48, "x")
    heat, text = figure.data[:2]
    assert heat.z[0][0] == pytest.approx(crossings.table(crossing, "codes", METRIC)["mean"].min())
    assert text.textfont.color[0] == palette.LIGHT.on_least
    assert figure.data[3].textfont.color[-1] == palette.LIGHT.on_most
    assert not crossings.figure(crossing, "codes", "validation/jacobian_norm").layout.shapes


def test_a_hole_stays_empty(diverged: Frames) -> None:
    runs = diverged.runs.drop(diverged.runs.index[diverged.runs["contraction.weight"] == 0.1][:3])
    figure = crossings.figure(Frames(runs, diverged.history, diverged.study), "codes", METRIC)
    assert any(None in row for trace in figure.data[::2] for row in trace.z)


def test_what_is_no_crossing_is_none(one_trial: Frames, two_stages: Frames) -> None:
    assert crossings.crossing(one_trial, "codes") is None
    assert crossings.table(one_trial, "codes", METRIC).empty
    assert crossings.crossing(two_stages, "first") is None
    assert crossings.crossing(two_stages, "second") == crossings.Crossing(
        "corruption.level", "first.corruption.level", None
    )
