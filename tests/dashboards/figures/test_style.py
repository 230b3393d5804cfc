"""What all charts share."""

from __future__ import annotations

import pytest

from layerwise.dashboards.figures import style


def test_text_of_unknown_origin_is_inert() -> None:
    assert style.plain("<a href='x'>&") == "&lt;a href='x'&gt;&amp;"
    assert "%{" not in style.plain("%{x}")
    assert style.wrapped("<b> noise level", 6) == "&lt;b&gt;<br>noise<br>level"


def test_tiles_fill_the_paper_row_by_row() -> None:
    domains = style.tiles(3, columns=2, gap=0.1, row_gap=0.2)
    assert domains[0] == ([0.0, 0.45], [0.6, 1.0])
    assert domains[1][0] == pytest.approx([0.55, 1.0])
    assert domains[2][1] == pytest.approx([0.0, 0.4])
    assert style.tiles(0, columns=2, gap=0.1, row_gap=0.2) == []


def test_a_band_goes_out_along_the_upper_bound_and_back_along_the_lower() -> None:
    made = style.band([0, 1], [2.0, 3.0], [4.0, 5.0], "#102030", xaxis="x2")
    assert list(zip(made["x"], made["y"], strict=True)) == [(0, 4), (1, 5), (1, 3), (0, 2)]
    assert made["fillcolor"].startswith("rgba(16,32,48,")
    assert (made["xaxis"], made["showlegend"]) == ("x2", False)


def test_labels_above_stand_at_their_rows() -> None:
    made = style.labels_above(["first", "second"])
    assert [(label["text"], label["y"]) for label in made] == [("first", 0), ("second", 1)]
    assert {label["yanchor"] for label in made} == {"bottom"}


def test_a_drawing_becomes_a_checked_figure() -> None:
    drawn = style.drawing(200)
    drawn.traces.append(style.typed("scatter", x=[1], y=[2]))
    figure = style.checked(lambda: drawn)()
    assert figure.layout.height == 200
    drawn.traces.append(style.typed("scatter", nonsense=1))
    with pytest.raises(ValueError, match="nonsense"):
        drawn.figure()


def test_log_axis_names_its_marks() -> None:
    axis = style.log_axis(0.8, 25)
    assert axis["ticktext"][:6] == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5"]
    assert len(style.log_axis(1e-6, 1e3)["tickvals"]) == 11
