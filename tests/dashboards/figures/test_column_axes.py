"""From values to places and back: the inverse of every axis, and the ticks on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.figures import column_axes
from layerwise.dashboards.figures.column_axes import positions, value_at
from layerwise.dashboards.figures.scales import Scale, scale
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"
# Further apart than rounding, as values that a study sweeps are.
POSITIVE = st.tuples(st.integers(1, 9999), st.integers(-9, 5)).map(lambda n: n[0] * 10.0 ** n[1])
SCALES = st.one_of(
    st.lists(POSITIVE, min_size=1, max_size=12).map(lambda values: scale(values, True)),
    st.lists(POSITIVE, min_size=1, max_size=12).map(lambda values: scale([0.0, *values], True)),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12).map(lambda v: scale(v, False)),
    st.just(Scale((), (), (), False)),
)


@given(SCALES)
def test_every_value_comes_back_exactly(scaled: Scale) -> None:
    places = positions(scaled, scaled.values)
    assert np.allclose(places, scaled.positions, rtol=1e-12, atol=0)
    assert [value_at(scaled, place) for place in places.tolist()] == list(scaled.values)


@given(SCALES, st.floats(-20, 20), st.floats(-20, 20))
def test_the_inverse_rises_and_places_what_it_gives(scaled: Scale, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert value_at(scaled, low) <= value_at(scaled, high)
    value = value_at(scaled, one)
    if not scaled.log or value > 0:
        assert positions(scaled, [value])[0] == pytest.approx(one, rel=1e-9, abs=1e-9)
    else:
        assert scaled.gap is not None
        assert one <= scaled.positions[0] + 1e-9


@given(SCALES, st.floats(-12, 12), st.floats(-12, 12))
def test_a_brushed_range_has_the_values_whose_marks_are_inside(
    scaled: Scale, one: float, two: float
) -> None:
    low, high = sorted((one, two))
    ends = value_at(scaled, low), value_at(scaled, high)
    for value, place in zip(scaled.values, positions(scaled, scaled.values), strict=True):
        if min(abs(place - low), abs(place - high)) > 1e-9:
            assert (low < place < high) == (ends[0] <= value <= ends[1])


def test_what_is_no_number_has_no_place_and_far_ends_are_infinite() -> None:
    with_zero = scale([0.0, 0.1, 1.0], True)
    assert list(np.isnan(positions(with_zero, [np.nan, np.inf, -1.0, 0.0, 5.0]))) == [
        *(True, True, True, False, False)
    ]
    assert np.isnan(positions(Scale((), (), (), False), [np.inf]))[0]
    assert value_at(with_zero, np.inf) == np.inf
    assert value_at(with_zero, 400.0) == np.inf
    assert value_at(with_zero, -np.inf) == -np.inf
    assert value_at(with_zero, with_zero.positions[0]) == 0.0
    assert value_at(with_zero, with_zero.positions[0] - 0.5) < 0
    assert 0 < value_at(with_zero, with_zero.positions[0] + 0.01) < 0.1


def test_axes_are_logarithmic_where_the_study_says_so_or_a_metric_is_steep(
    crossing: Frames,
) -> None:
    along = column_axes.along
    assert along(crossing, "codes", "sparsity.weight").log
    assert along(crossing, "codes", "sparsity.weight").gap is not None
    assert not along(crossing, "codes", "corruption.level").log
    assert not along(crossing, "codes", ERROR).log
    steep = crossing.runs.assign(**{ERROR: 10.0**crossing.runs.index})
    assert along(replace(crossing, runs=steep, memory={}), "codes", ERROR).log
    nothing = crossing.runs.assign(**{ERROR: np.nan})
    assert along(replace(crossing, runs=nothing, memory={}), "codes", ERROR).values == ()


def test_text_has_no_axis(hostile: Frames) -> None:
    stage = hostile.stages[0]
    assert column_axes.numbers(hostile, stage, "corruption.kind") is None
    with pytest.raises(RecordError, match="numbers"):
        column_axes.along(hostile, stage, "corruption.kind")


@pytest.mark.parametrize("most", [4, 8])
def test_ticks_stand_apart_within_the_axis_and_name_what_is_there(
    crossing: Frames, most: int
) -> None:
    many = scale([0.0, *np.logspace(-5, 1, 40)], True)
    reach = column_axes.reach_of(np.asarray(many.positions), 0.06)
    found = column_axes.tick_settings(crossing, "sparsity.weight", many, reach, most)
    places = found["tickvals"]
    assert found["ticktext"][0] == "0"
    assert 2 < len(places) <= most + 2
    assert (np.diff(places) >= (reach[1] - reach[0]) / (most + 1)).all()
    for place, text in zip(places[1:], found["ticktext"][1:], strict=True):
        assert 10**place == pytest.approx(float(text.replace("−", "-")))
    few = column_axes.along(crossing, "codes", "sparsity.weight")
    labels = column_axes.tick_settings(crossing, "sparsity.weight", few, (-4.0, -2.0), most)
    assert labels["ticktext"] == ["0", "0.001", "0.01"]
    narrow = scale(np.linspace(0.11, 0.19, 20).tolist(), True)
    span = column_axes.reach_of(np.asarray(narrow.positions), 0.0)
    assert len(column_axes.tick_settings(crossing, ERROR, narrow, span, most)["tickvals"]) > 1


def test_the_reach_has_room_on_both_sides() -> None:
    assert column_axes.reach_of(np.array([1.0, 2.0]), 0.1) == pytest.approx((0.9, 2.1))
    low, high = column_axes.reach_of(np.array([3.0]), 0.1)
    assert low < 3 < high
    assert column_axes.reach_of(np.array([]), 0.1) == (-0.5, 0.5)


def test_breaks_stand_across_the_axes_that_have_a_zero(crossing: Frames) -> None:
    found = column_axes.breaks(crossing, "codes", "sparsity.weight", "contraction.weight")
    gaps = [
        column_axes.along(crossing, "codes", f"{p}.weight").gap for p in ("sparsity", "contraction")
    ]
    assert [(found[0]["x0"], found[1]["y0"])] == [tuple(gaps)]
    assert [(shape["xref"], shape["yref"]) for shape in found] == [
        ("x", "y domain"),
        ("x domain", "y"),
    ]
    assert column_axes.breaks(crossing, "codes", "corruption.level", ERROR) == []


def test_the_axis_is_named_with_its_unit_and_does_not_move(crossing: Frames) -> None:
    made = column_axes.drawn_axis(crossing, "codes", "corruption.level", (0.0, 1.0), 6)
    assert made["title"]["text"] == "Noise level, standard deviations"
    assert made["fixedrange"] is True
    evil = {"corruption.level": {"label": "<b>%{x}", "unit": "<i>"}}
    frames = replace(crossing, study={**crossing.study, "axes": evil}, memory={})
    title = column_axes.drawn_axis(frames, "codes", "corruption.level", (0.0, 1.0), 6)["title"]
    assert title["text"] == "&lt;b&gt;%&#123;x}, &lt;i&gt;"
