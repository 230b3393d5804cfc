"""The regularisers' lines are the runs' means, and are compared where they reach the same error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_studies import Made

from layerwise.dashboards.figures import common_axes
from layerwise.dashboards.frames import Frames
from layerwise.models.measures.examination import LEVELS

ERROR, SPARSITY = common_axes.ERROR, "validation/hoyer_sparsity"
PATHS = ("corruption.level", "sparsity.weight", "contraction.weight")


def changed(frames: Frames, **columns: Any) -> Frames:
    """The frames with other columns of ``runs``."""
    return replace(frames, runs=frames.runs.assign(**columns), memory={})


def test_every_point_is_the_mean_over_seeds_of_one_setting(crossing: Frames) -> None:
    table = common_axes.table(crossing, "codes")
    assert list(table.columns) == common_axes.COLUMNS
    assert len(table) == 2 * (2 + 3 + 2)
    assert set(table["held"]) == {"lowest"}
    runs = crossing.runs.to_dict("records")
    for row in table.to_dict("records"):
        wanted = {**dict.fromkeys(PATHS, 0.0), row["regulariser"]: row["value"]}
        own = [run for run in runs if all(run[path] == v for path, v in wanted.items())]
        assert row["n"] == len(own) == 3
        assert row["measure"] == pytest.approx(sum(run[row["metric"]] for run in own) / 3)
        assert row["error"] == pytest.approx(sum(run[ERROR] for run in own) / 3)


def test_what_was_drawn_at_random_is_averaged(crossing: Frames) -> None:
    # The lowest contraction is there at one noise level and sparsity weight only.
    runs = crossing.runs
    own = (runs["corruption.level"] == 0) & (runs["sparsity.weight"] == 0)
    lowest = np.where(own & (runs["contraction.weight"] == 0), -1.0, runs["contraction.weight"])
    frames = changed(crossing, **{"contraction.weight": lowest})
    assert {line.held for line in common_axes.lines(frames, "codes")} == {"averaged"}
    table = common_axes.table(frames, "codes")
    row = table[(table["regulariser"] == "sparsity.weight") & (table["metric"] == SPARSITY)].iloc[1]
    # At no weight of 0 and level 0 the contraction of 0 is gone, so its company is left out.
    there = (runs["sparsity.weight"] == 0.001) & (
        (runs["contraction.weight"] == 0.1) | (runs["corruption.level"] == 0.4)
    )
    assert row["measure"] == pytest.approx(runs.loc[there, SPARSITY].mean())
    assert "averaged over" in common_axes.note(frames, "codes")


def test_a_seed_that_was_lost_at_one_value_is_left_out_at_all(crossing: Frames) -> None:
    runs = crossing.runs
    lost = (runs[list(PATHS)] == [0.4, 0.0, 0.0]).all(axis=1) & (runs["seed"] == 1)
    assert lost.sum() == 1
    frames = changed(crossing, status=np.where(lost, "FAILED", "FINISHED"))
    found = {line.path: line for line in common_axes.lines(frames, "codes")}
    origin = runs[(runs[list(PATHS)] == 0).all(axis=1)]
    for path, seeds in zip(PATHS, ([0, 2], [0, 1, 2], [0, 1, 2]), strict=True):
        assert (found[path].held, found[path].n) == ("lowest", len(seeds))
        rest = origin[origin["seed"].isin(seeds)]
        assert found[path].error[0] == pytest.approx(rest[ERROR].mean())


def test_all_lines_are_held_alike(diverged: Frames) -> None:
    # With the others at their lowest, no seed has both values of the contraction.
    assert [line.held for line in common_axes.lines(diverged, "codes")] == ["averaged"] * 3


def test_a_panel_per_measure_and_a_look_per_regulariser(crossing: Frames) -> None:
    figure = common_axes.figure(crossing, "codes")
    assert len({trace.xaxis for trace in figure.data}) == 2
    assert len({trace.line.dash for trace in figure.data}) == 3
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    texts = [note.text for note in figure.layout.annotations]
    assert sorted(texts[:3]) == [
        "contraction weight 0.1",
        "noise level 0.4",
        "sparsity weight 0.01",
    ]
    narrow = common_axes.figure(crossing, "codes", columns=1)
    assert narrow.layout.xaxis2.domain == narrow.layout.xaxis.domain == (0, 1)


def test_labels_of_lines_that_end_together_stand_apart(crossing: Frames) -> None:
    found = common_axes.lines(crossing, "codes")
    same = tuple(line._replace(error=line.error * 0 + 1.0) for line in found)
    labels = common_axes._labels(crossing, same, SPARSITY, [[0.0, 1.0], [0.0, 2.0]], "")
    heights = [label["ay"] for label in labels]
    assert np.diff(heights).min() >= 18


def test_the_measures_are_those_that_are_recorded_and_vary(crossing: Frames) -> None:
    units = np.full(len(crossing.runs), 16.0)
    distance = 2 + crossing.runs["corruption.level"]
    frames = changed(
        crossing,
        **{"validation/nonzero_units": units, "validation/displacement_0.25": distance},
    )
    shown = list(dict.fromkeys(common_axes.table(frames, "codes")["metric"]))
    assert shown == [SPARSITY, "validation/jacobian_norm", "validation/displacement_0.25"]
    assert 0.25 in LEVELS


def test_interpolation_takes_the_last_crossing() -> None:
    measure, error = np.array([0.0, 1.0, 3.0, 5.0]), np.array([2.0, 1.0, 2.0, 4.0])
    assert common_axes.at_error(measure, error, 1.5) == pytest.approx(2.0)
    assert common_axes.at_error(measure, error, 3.0) == pytest.approx(4.0)
    assert common_axes.at_error(measure, error, 4.0) == 5.0
    assert np.isnan(common_axes.at_error(measure, error, 5.0))
    assert common_axes.at_error(measure[:2], np.ones(2), 1.0) == 1.0


def test_the_sentence_compares_at_the_same_error(crossing: Frames) -> None:
    found = {line.path: line for line in common_axes.lines(crossing, "codes")}
    low = max(min(line.error) for line in found.values())
    goal = (low + min(max(line.error) for line in found.values())) / 2
    sparse = found["sparsity.weight"]
    at = np.interp(goal, sparse.error, sparse.measures[SPARSITY])
    said = common_axes.sentence(crossing, "codes")
    assert said.startswith(f"At a validation reconstruction error of {goal:.2f}, which all lines")
    assert f"the sparsity weight gives the sparsest code (Hoyer sparsity {at:.3f})" in said
    assert "the most contractive" in said
    assert common_axes.note(crossing, "codes").endswith("regularisers are at their lowest value.")


def test_ranges_that_do_not_overlap_are_said(crossing: Frames) -> None:
    runs = crossing.runs
    apart = np.select(
        [runs["corruption.level"] > 0, runs["sparsity.weight"] > 0],
        [runs[ERROR] - 5, runs[ERROR] + 5],
        runs[ERROR],
    )
    said = common_axes.sentence(changed(crossing, **{ERROR: apart}), "codes")
    assert said.startswith("The ranges of validation reconstruction error do not overlap")
    assert "noise level −" in said


def test_a_probe_stands_upright_as_its_error(crossing: Frames) -> None:
    probe = common_axes.PROBE
    assert common_axes.outcomes(crossing, "codes") == (ERROR,)
    accuracy = 0.9 - 0.1 * sum(crossing.runs[path] for path in PATHS)
    frames = changed(crossing, **{probe: accuracy})
    assert common_axes.outcomes(frames, "codes") == (ERROR, probe)
    table = common_axes.table(frames, "codes", probe)
    strongest = table[table["regulariser"] == "corruption.level"]["error"].max()
    assert strongest == pytest.approx(0.14)
    figure = common_axes.figure(frames, "codes", probe)
    assert figure.layout.yaxis.title.text == "Validation probe error"
    assert "At a validation probe error of" in common_axes.sentence(frames, "codes", probe)


def test_little_and_nothing(one_trial: Frames, two_stages: Frames, crossing: Frames) -> None:
    failed = changed(crossing, status="FAILED")
    for frames in (one_trial, two_stages, failed):
        stage = frames.stages[0]
        assert common_axes.table(frames, stage).empty
        assert not common_axes.figure(frames, stage).data
        assert common_axes.sentence(frames, stage).startswith("No two regularisers")
    table = common_axes.table(changed(crossing, **{SPARSITY: np.nan}), "codes")
    assert set(table["metric"]) == {"validation/jacobian_norm"}


def test_a_running_study_and_one_seed(running: Frames, one_seed: Frames) -> None:
    assert set(common_axes.table(one_seed, "codes")["n"]) == {1}
    assert common_axes.sentence(running, "codes")
    common_axes.figure(running, "codes")


def test_names_are_text(crossing: Frames) -> None:
    axes = {path: {"label": f"<b>{path}%{{x}}"} for path in PATHS}
    frames = replace(crossing, study={**crossing.study, "axes": axes}, memory={})
    text = str(common_axes.draw(frames, "codes").spec())
    assert "&lt;b&gt;" in text
    assert "<b>corruption" not in text.replace("<b>&lt;b&gt;", "")
    assert "%{x}" not in text


def test_one_regulariser_is_not_compared(widths: Frames, record: Any) -> None:
    assert common_axes.outcomes(widths, "codes") == ()
    assert common_axes.lines(widths, "codes") == ()
    made = record(Made(name="a pair", swept={PATHS[0]: (0.1, 0.4), PATHS[1]: (0.01, 0.02)}))
    assert len(common_axes.lines(made, "codes")) == 2
