"""A mark per setting where its values are, and a brushed range that is a range of values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.figures import settings_map
from layerwise.dashboards.frames import Frames

ERROR, SPARSITY = "validation/reconstruction_error", "validation/hoyer_sparsity"
WEIGHT = "sparsity.weight"


def test_choices_are_the_objective_what_is_swept_and_what_was_measured(
    crossing: Frames, machines: Frames, hostile: Frames
) -> None:
    found = settings_map.choices(crossing, "codes")
    names = [name for name, _ in found]
    assert names[:4] == [ERROR, "corruption.level", WEIGHT, "contraction.weight"]
    assert dict(found)[WEIGHT] == "sparsity weight"
    assert dict(found)[f"test/{ERROR.split('/')[1]}"] == "test reconstruction error"
    assert {name.split("/")[0] for name in names[4:]} == {"validation", "test"}
    likely = [name for name, _ in settings_map.choices(machines, "codes")]
    assert likely[0] == "validation/log_likelihood"
    assert "validation/log_likelihood_low" not in likely
    assert "corruption.kind" not in dict(settings_map.choices(hostile, hostile.stages[0]))


def test_what_one_setting_alone_has_is_no_choice(crossing: Frames, one_trial: Frames) -> None:
    first = crossing.runs["setting"] == crossing.runs["setting"].iloc[0]
    runs = crossing.runs.assign(**{"validation/rare": np.where(first, 1.0, np.nan)})
    frames = replace(crossing, runs=runs, memory={})
    assert "validation/rare" not in dict(settings_map.choices(frames, "codes"))
    assert settings_map.choices(one_trial, "codes") == []
    assert settings_map.default_axes(one_trial, "codes") == (ERROR, ERROR)


def test_the_usual_axes_are_sparsity_or_what_is_swept_against_the_objective(
    crossing: Frames, two_stages: Frames
) -> None:
    assert settings_map.default_axes(crossing, "codes") == (SPARSITY, ERROR)
    columns = [SPARSITY, "validation/active_units"]
    less = replace(two_stages, runs=two_stages.runs.drop(columns=columns), memory={})
    assert settings_map.default_axes(less, "second") == ("corruption.level", ERROR)


def test_marks_stand_at_the_means_of_the_record(crossing: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    figure = settings_map.figure(crossing, "codes", SPARSITY, ERROR)
    marks = figure.data[0]
    assert len(set(marks.customdata)) == 12
    for setting, x, y, colour in zip(
        marks.customdata, marks.x, marks.y, marks.marker.color, strict=True
    ):
        ids = crossing.runs.loc[crossing.runs["setting"] == setting, "run_id"]
        held = [client.get_run(run).data.metrics for run in ids]
        assert x == pytest.approx(np.mean([metrics[SPARSITY] for metrics in held]))
        assert y == colour == pytest.approx(np.mean([metrics[ERROR] for metrics in held]))
    ring = figure.data[-1]
    assert ring.name == "the best setting"
    assert (ring.x[0], ring.y[0]) == (marks.x[-1], min(marks.y))
    assert figure.layout.dragmode == "select"
    assert figure.layout.xaxis.fixedrange
    assert figure.layout.yaxis.fixedrange


def test_on_a_logarithmic_axis_zero_has_a_place_behind_a_break(crossing: Frames) -> None:
    figure = settings_map.figure(crossing, "codes", WEIGHT, "corruption.level")
    table = settings_map.table(crossing, "codes", WEIGHT, "corruption.level")
    value = dict(zip(table["setting"], table[WEIGHT], strict=True))
    at = {
        value[name]: x for name, x in zip(figure.data[0].customdata, figure.data[0].x, strict=True)
    }
    assert at[0.01] == pytest.approx(-2)
    assert at[0.001] == pytest.approx(-3)
    assert at[0.0] < figure.layout.shapes[0].x0 < at[0.001]
    assert list(figure.layout.xaxis.ticktext) == ["0", "0.001", "0.01"]


# The frames are only read.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([WEIGHT, "corruption.level", ERROR, "contraction.weight"]),
    st.floats(-6, 3),
    st.floats(-6, 3),
)
def test_a_brushed_range_chooses_the_marks_inside(
    crossing: Frames, column: str, one: float, two: float
) -> None:
    low, high = settings_map.column_range(crossing, "codes", column, one, two)
    assert low <= high
    figure = settings_map.draw(crossing, "codes", column, SPARSITY)
    marks = figure.traces[0]
    inside = {
        name
        for name, x in zip(marks["customdata"], marks["x"], strict=True)
        if min(one, two) <= x <= max(one, two)
    }
    table = settings_map.table(crossing, "codes", column, SPARSITY)
    assert inside == set(table.loc[table[column].between(low, high), "setting"])


def test_a_range_must_be_of_numbers(crossing: Frames, hostile: Frames) -> None:
    with pytest.raises(RecordError, match="range"):
        settings_map.column_range(crossing, "codes", WEIGHT, np.nan, 1.0)
    with pytest.raises(RecordError, match="numbers"):
        settings_map.column_range(hostile, hostile.stages[0], "corruption.kind", 0.0, 1.0)
    for column in ("setting", "status", "no such column"):
        with pytest.raises(RecordError, match="column"):
            settings_map.draw(crossing, "codes", column, ERROR)


def test_all_but_the_selected_fade(crossing: Frames) -> None:
    table = settings_map.table(crossing, "codes", SPARSITY, ERROR)
    chosen = list(table["setting"][:3])
    figure = settings_map.figure(crossing, "codes", SPARSITY, ERROR, chosen)
    marks = figure.data[0]
    assert {marks.customdata[place] for place in marks.selectedpoints} == set(chosen)
    assert marks.unselected.marker.opacity < 0.5
    assert (
        list(settings_map.draw(crossing, "codes", SPARSITY, ERROR, ()).traces[0]["selectedpoints"])
        == []
    )
    assert "selectedpoints" not in settings_map.draw(crossing, "codes", SPARSITY, ERROR).traces[0]
    held = settings_map.table(crossing, "codes", SPARSITY, ERROR, chosen)
    assert set(held.loc[held["selected"], "setting"]) == set(chosen)


def test_the_sentence_has_the_rank_correlation_and_the_best_of_the_selected(
    crossing: Frames,
) -> None:
    table = settings_map.table(crossing, "codes", SPARSITY, ERROR)
    x, y = table[SPARSITY].rank(), table[ERROR].rank()
    expected = x.corr(y)
    said = settings_map.sentence(crossing, "codes", SPARSITY, ERROR)
    assert (
        f"rises with validation Hoyer sparsity over 12 settings (rank correlation {expected:.2f})"
        in said
    )
    some = list(table["setting"][4:7])
    said = settings_map.sentence(crossing, "codes", SPARSITY, ERROR, some)
    assert (
        f"3 of 12 settings are selected, the best of them of rank {int(table['rank'][4])}" in said
    )
    assert f"error of {table[ERROR][4]:.2f}." in said
    assert "0 of 12 settings are selected." in settings_map.sentence(
        crossing, "codes", SPARSITY, ERROR, ()
    )
    assert "goes from" in settings_map.sentence(crossing, "codes", ERROR, ERROR)


def test_little_nothing_and_what_has_not_finished(
    crossing: Frames, one_trial: Frames, diverged: Frames, running: Frames
) -> None:
    assert len(settings_map.figure(one_trial, "codes", ERROR, ERROR, narrow=True).data) == 2
    assert "goes from" in settings_map.sentence(one_trial, "codes", ERROR, ERROR)
    assert "too few" in settings_map.sentence(one_trial, "codes", SPARSITY, ERROR)
    assert len(settings_map.figure(running, "codes", SPARSITY, ERROR).data) == 2
    lost = diverged.runs["setting"] == diverged.runs["setting"].iloc[0]
    runs = diverged.runs.assign(status=diverged.runs["status"].where(~lost, "FAILED"))
    frames = replace(diverged, runs=runs, memory={})
    figure = settings_map.figure(frames, "codes", WEIGHT, "corruption.level")
    assert figure.data[0].name == "no seed has finished"
    assert sum(len(trace.x) for trace in figure.data[:2]) == 12
    assert "1 setting without both values is not drawn." in settings_map.sentence(
        frames, "codes", SPARSITY, ERROR
    )
    none = replace(crossing, runs=crossing.runs.drop(columns=ERROR), memory={})
    assert not settings_map.figure(none, "codes", ERROR, ERROR).data
    assert "No setting" in settings_map.sentence(none, "codes", ERROR, ERROR)
    assert len(settings_map.figure(none, "codes", WEIGHT, "corruption.level").data[0].x) == 12


def test_names_are_text(hostile: Frames) -> None:
    stage = hostile.stages[0]
    axes = settings_map.default_axes(hostile, stage)
    text = str(settings_map.draw(hostile, stage, *axes).spec())
    assert "&lt;i&gt;gaussian" in text
    assert "<i>" not in text
    assert "%{x}" not in text
