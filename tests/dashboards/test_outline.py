"""What a study asked, read from its record."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards import outline
from layerwise.dashboards.effects import ranked
from layerwise.dashboards.frames import Frames

METRIC = "validation/reconstruction_error"


def test_objective(crossing: Frames) -> None:
    assert outline.objective(crossing) == (METRIC, True)
    study = {**crossing.study, "objective": {"metric": "test/x", "direction": "maximize"}}
    other = Frames(crossing.runs, crossing.history, study)
    assert outline.objective(other) == ("test/x", False)
    assert outline.measure_of("test/x") == "x"


def test_a_stage_without_the_objective_is_ranked_by_its_error(two_stages: Frames) -> None:
    goal = {"metric": "validation/classification_error", "direction": "maximize"}
    last = (two_stages.runs["stage"] == "second").to_numpy()
    runs = two_stages.runs.assign(**{goal["metric"]: np.where(last, 0.1, np.nan)})
    other = Frames(runs, two_stages.history, {**two_stages.study, "objective": goal})
    assert (
        outline.objective(other, "second")
        == outline.objective(other)
        == (
            "validation/classification_error",
            False,
        )
    )
    assert outline.objective(other, "first") == (METRIC, True)
    assert len(ranked(other, "first")) == 3
    assert outline.objective(two_stages, "first") == (METRIC, True)


def test_swept_puts_the_regularisers_first_and_what_is_below_last(
    crossing: Frames, two_stages: Frames, one_trial: Frames
) -> None:
    assert outline.swept(crossing, "codes") == outline.REGULARISERS
    assert outline.swept(two_stages, "second") == ("corruption.level", "first.corruption.level")
    assert outline.own_swept(two_stages, "second") == ("corruption.level",)
    assert outline.swept(one_trial, "codes") == ()


def test_final_stages(crossing: Frames, two_stages: Frames) -> None:
    assert outline.final_stages(crossing) == ("codes",)
    assert outline.final_stages(two_stages) == ("second",)


def test_finished_leaves_out_what_failed_or_still_runs(diverged: Frames) -> None:
    assert len(outline.finished(diverged, "codes", METRIC)) == 33
    assert outline.finished(diverged, "codes", "validation/nothing").empty


def test_near_miss() -> None:
    assert outline.near_miss("crosing", ["crossing", "other"]) == "crossing"
    assert outline.near_miss("zzz", ["crossing"]) is None
